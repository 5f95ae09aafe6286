// LRU whose objects all expire, and which takes expired ones out before it stores another: the
// semantics of TTLCache in the Python package cachetools. The order of eviction is that of Mattson,
// Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM Systems Journal
// 1970.
//
// An object has expired at store time + TTL, which a get does not change. Since each set and add
// that stores sweeps first, the victim is the least recently used of those that have not expired. A
// get does not sweep; what it finds expired its user removes, as with any policy.
#pragma once

#include <cstdint>

#include "adapters/local/policies/lru.h"
#include "adapters/local/policies/slot_heap.h"
#include "harness/core/error.h"

namespace cachegauge {

class TtlPolicy {
 public:
  static constexpr ParamInfo kParams[] = {
      {"ttl", "duration = 1h", "after which an entry expires, unless its request says otherwise"}};
  static constexpr PolicyInfo kInfo = {
      .name = "ttl",
      .summary = "LRU with a TTL on every entry; a set removes all that have expired",
      .paper = "Mattson et al., Evaluation techniques for storage hierarchies, 1970 (for LRU)",
      .params = kParams};

  explicit TtlPolicy(const PolicySettings& settings)
      : lru_(settings), ttl_ns_(settings.spec.duration_ns("ttl", 3'600'000'000'000)) {
    if (ttl_ns_ <= 0) throw Error::usage("ttl:ttl: expected a duration above 0, such as 60s");
  }

  template <class Sink>
  void hit(const Access& access, Sink& sink) {
    lru_.hit(access, sink);
  }
  template <class Sink>
  bool resize(const Access& access, uint64_t old_size, Sink& sink) {
    Unlisting<Sink> unlisting{*this, sink};
    return lru_.resize(access, old_size, unlisting);
  }
  template <class Sink>
  bool insert(const Access& access, Sink& sink, uint32_t named = kNoSlot) {
    Unlisting<Sink> unlisting{*this, sink};
    return lru_.insert(access, unlisting, named);
  }
  template <class Sink>
  uint32_t next_victim(const Access& access, Sink& sink) {
    return lru_.next_victim(access, sink);
  }
  template <class Sink>
  void erase(uint32_t slot, Sink& sink) {
    unlist(slot, sink);
    lru_.erase(slot, sink);
  }

  int64_t default_ttl_ns() const { return ttl_ns_; }
  template <class Sink>
  void sweep(int64_t now_ns, Sink& sink) {
    for (uint32_t slot;
         (slot = by_expiry_.first()) != kNoSlot && sink.expires_ns(slot) <= now_ns;) {
      erase(slot, sink);
      sink.evicted(slot);
      sink.forgotten(slot);
    }
  }
  template <class Sink>
  void stored(uint32_t slot, Sink& sink) {
    if (by_expiry_.contains(slot)) {
      by_expiry_.moved(slot, earlier(sink));
    } else {
      by_expiry_.push(slot, earlier(sink));
    }
  }

  bool resident(uint32_t slot) const { return lru_.resident(slot); }
  void prefetch(uint32_t slot) const { lru_.prefetch(slot); }
  uint64_t used() const { return lru_.used(); }
  uint64_t items() const { return lru_.items(); }
  size_t bytes() const { return lru_.bytes() + by_expiry_.bytes(); }
  void reserve(uint32_t slots) {
    lru_.reserve(slots);
    by_expiry_.reserve(slots);
  }

 private:
  // The user's sink, behind which the evicted leave the heap.
  template <class Sink>
  struct Unlisting {
    TtlPolicy& policy;
    Sink& sink;
    uint64_t size(uint32_t slot) const { return sink.size(slot); }
    bool evicted(uint32_t slot) {
      policy.unlist(slot, sink);
      return sink.evicted(slot);
    }
    void forgotten(uint32_t slot) { sink.forgotten(slot); }
  };

  template <class Sink>
  static auto earlier(const Sink& sink) {
    return [&sink](uint32_t a, uint32_t b) { return sink.expires_ns(a) < sink.expires_ns(b); };
  }

  // A resident that could not be stored, for want of memory, is not in the heap.
  template <class Sink>
  void unlist(uint32_t slot, Sink& sink) {
    if (by_expiry_.contains(slot)) by_expiry_.remove(slot, earlier(sink));
  }

  LruPolicy lru_;
  SlotHeap by_expiry_;
  int64_t ttl_ns_;
};

}  // namespace cachegauge
