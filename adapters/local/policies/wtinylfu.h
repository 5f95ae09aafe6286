// W-TinyLFU: a small LRU window in front of a segmented LRU that lets in only what is used more
// often than what it would replace. Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache
// admission policy", ACM Transactions on Storage 2017.
//
// Objects enter the window. The least recently used of a window that has grown too large is a
// candidate for the main part, which has the two segments of SLRU (slru.h). As long as the cache is
// full, candidate and the main part's victim are compared by the counts of a frequency sketch: the
// candidate goes on only if it was used more often, and otherwise is evicted itself.
//
// Of the paper's options: 4-bit counters in a count-min sketch with minimal increments that is aged
// after ten uses for each object held (frequency_sketch.h), and no doorkeeper, which saves memory
// where counters are larger. With adaptive=on the window's size follows the hit ratio, from
// `window` on, once the cache is half full (window_climber.h). A window that has grown fills with
// what comes in, at the cost of the main part's victims; what one that has shrunk has no room for
// goes on. libCacheSim's differs in that its main part is its own SLRU of four segments, its
// counters have 32 bits and age with hits in the main part, and it caches nothing below 100
// entries. On the loop that slru.h speaks of the miss ratio is 0.09 higher here. The window has
// room for one object at least.
//
// With a capacity in bytes the parts are counted in bytes. What the window leaves unused the main
// part may take. A candidate that needs the room of several victims is compared with one after the
// other. An object larger than the window is a candidate at once, and insert() may decline it.
//
// Behind an admission filter that asks for the next victim what is turned away is counted all the
// same, as the paper counts whatever is asked for.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/frequency_sketch.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_segments.h"
#include "adapters/local/policies/slru.h"
#include "adapters/local/policies/window_climber.h"

namespace cachegauge {

class WTinyLfuPolicy {
 public:
  static constexpr ParamInfo kParams[] = {
      {"window", "share = 1%", "the part of the capacity that objects enter first"},
      {"protected", "share = 80%", "the part of the rest kept for what was hit again"},
      {"adaptive", "text = off", "with \"on\" the window's part follows the hit ratio"}};
  static constexpr PolicyInfo kInfo = {
      .name = "wtinylfu",
      .summary = "an LRU window, then SLRU for what is used more often than its victim",
      .paper =
          "Einziger, Friedman, Manes, TinyLFU: a highly efficient cache admission policy, 2017",
      .needs = kNeedsCapacity | kNeedsKeyHash,
      .params = kParams};

  explicit WTinyLfuPolicy(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        charges_(settings.capacity),
        window_limit_(std::max<uint64_t>(1, share_of(limit_, settings.spec.share("window", 0.01)))),
        protected_share_(settings.spec.share("protected", 0.8)),
        protected_(protected_limit()),
        adaptive_(settings.spec.choice("adaptive", {"off", "on"}) == "on"),
        climber_(limit_, window_limit_) {}

  template <class Sink>
  void hit(const Access& access, Sink& sink) {
    if (adaptive_) climb(true);
    sketch_.add(short_hash(access));
    if (lists_.list_of(access.slot) == kWindow) {
      lists_.move_to_front(access.slot, kWindow, kWindow);
    } else {
      protected_.touch(lists_, access, sink);
    }
  }

  template <class Sink>
  bool resize(const Access& access, uint64_t old_size, Sink& sink) {
    change_size(access.slot, old_size, access.size);
    charges_.change(old_size, access.size);
    if (!charges_.can_ever_hold(access.size)) evict(access.slot, sink);
    shrink_window(kNoSlot, sink);
    return resident(access.slot);
  }

  template <class Sink>
  bool insert(const Access& access, Sink& sink, uint32_t /*named*/ = kNoSlot) {
    if (!charges_.can_ever_hold(access.size)) return false;
    if (!asked_) count_miss(access);
    const uint32_t slot = access.slot;
    lists_.push_front(slot, kWindow);
    window_used_ += access.size;
    charges_.add(access.size);
    shrink_window(slot, sink);
    sketch_.reserve(charges_.items());
    return resident(slot);
  }

  template <class Sink>
  uint32_t next_victim(const Access& access, Sink&) {
    asked_ = true;
    if (!charges_.can_ever_hold(access.size)) return kNoSlot;
    count_miss(access);
    if (charges_.has_room_for(access.size)) return kNoSlot;
    const uint32_t victim = ProtectedSegment::victim(lists_);
    if (window_used_ + access.size <= window_limit_) return victim;
    const uint32_t candidate = lists_.count(kWindow) > 0 ? lists_.back(kWindow) : access.slot;
    if (victim != kNoSlot && uses_of(victim) < uses_of(candidate)) return victim;
    return candidate == access.slot ? kNoSlot : candidate;
  }

  template <class Sink>
  void erase(uint32_t slot, Sink& sink) {
    remove(slot, sink.size(slot));
  }

  bool resident(uint32_t slot) const { return lists_.list_of(slot) != lists_.kNowhere; }
  void prefetch(uint32_t slot) const { lists_.prefetch(slot); }
  uint64_t used() const { return charges_.used(); }
  uint64_t items() const { return charges_.items(); }
  size_t bytes() const { return lists_.bytes() + held_bytes(hashes_) + sketch_.bytes(); }
  void reserve(uint32_t slots) {
    lists_.reserve(slots);
    grow_exactly(hashes_, slots);
  }

 private:
  enum List : uint32_t {
    kProbation = ProtectedSegment::kProbation,
    kProtected = ProtectedSegment::kProtected,
    kWindow,
    kLists
  };

  // What the sketch knows an object by.
  static uint32_t short_hash(const Access& access) {
    return static_cast<uint32_t>(access.key_hash);
  }

  uint32_t uses_of(uint32_t slot) const { return sketch_.count(hashes_[slot]); }

  void count_miss(const Access& access) {
    if (adaptive_) climb(false);
    hashes_[access.slot] = short_hash(access);
    sketch_.add(hashes_[access.slot]);
  }

  uint64_t protected_limit() const { return share_of(limit_ - window_limit_, protected_share_); }

  void climb(bool hit) {
    if (charges_.used() < limit_ / 2 || !climber_.add(hit, charges_.items())) return;
    window_limit_ = climber_.window();
    protected_.set_limit(protected_limit());
  }

  // Moves objects on until the window keeps to its part, and evicts until all keep to the capacity.
  // `entering` is the object of an insert(): it is declined where others are evicted.
  template <class Sink>
  void shrink_window(uint32_t entering, Sink& sink) {
    while (window_used_ > window_limit_) {
      const uint32_t candidate = lists_.back(kWindow);
      const uint64_t size = sink.size(candidate);
      if (!make_room_for(candidate, sink)) {
        if (candidate == entering) {
          remove(candidate, size);
        } else {
          evict(candidate, sink);
        }
        continue;
      }
      window_used_ -= size;
      lists_.move_to_front(candidate, kWindow, kProbation);
    }
    // The main part has what the window left unused, and gives it back.
    while (charges_.exceeded()) evict(ProtectedSegment::victim(lists_), sink);
  }

  // False if one of those that would have to go was used as often as the candidate.
  template <class Sink>
  bool make_room_for(uint32_t candidate, Sink& sink) {
    if (!charges_.exceeded()) return true;
    const uint32_t uses = uses_of(candidate);
    while (charges_.exceeded()) {
      const uint32_t victim = ProtectedSegment::victim(lists_);
      if (victim == kNoSlot || uses_of(victim) >= uses) return false;
      evict(victim, sink);
    }
    return true;
  }

  void change_size(uint32_t slot, uint64_t old_size, uint64_t size) {
    if (lists_.list_of(slot) == kWindow) window_used_ += size - old_size;
    protected_.resized(lists_, slot, old_size, size);
  }

  void remove(uint32_t slot, uint64_t size) {
    change_size(slot, size, 0);
    charges_.remove(size);
    lists_.unlink(slot, lists_.list_of(slot));
  }

  template <class Sink>
  void evict(uint32_t slot, Sink& sink) {
    remove(slot, sink.size(slot));
    sink.evicted(slot);
    sink.forgotten(slot);
  }

  uint64_t limit_;
  Charges charges_;
  uint64_t window_limit_;
  uint64_t window_used_ = 0;
  double protected_share_;
  SlotSegments<kLists> lists_;
  ProtectedSegment protected_;
  bool adaptive_;
  bool asked_ = false;  // for its victims, and has counted each miss by the time it is inserted
  WindowClimber climber_;
  std::vector<uint32_t> hashes_;  // short_hash() by slot
  FrequencySketch sketch_;
};

}  // namespace cachegauge
