// LRU-K: evicts the object whose K-th last use lies furthest back. O'Neil, O'Neil, Weikum, "The
// LRU-K page replacement algorithm for database disk buffering", SIGMOD 1993.
//
// An object with fewer than K uses counts as used infinitely long ago; among several such ones the
// least recently used goes, which is the subsidiary policy that the paper suggests. The uses of an
// evicted object are remembered while it is one of the last `ghosts` times as many evicted ones as
// the cache has room for: the paper's Retained Information Period, counted in objects instead of
// minutes. Its Correlated Reference Period is 0, as in its experiments: each use counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/slot_heap.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

class LruKOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"k", "count = 2", "1 to 8: the use from the end that decides"},
      {"ghosts", "number = 1", "how many evicted objects it remembers, for each it can hold"}};
  static constexpr PolicyInfo kInfo = {
      .name = "lruk",
      .summary = "evicts the object whose second last use lies furthest back",
      .paper =
          "O'Neil, O'Neil, Weikum, The LRU-K page replacement algorithm for database disk "
          "buffering, 1993",
      .params = kParams};

  explicit LruKOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        k_(count_between(settings.spec, "k", 2, 1, 8)),
        ghosts_(number_between(settings.spec, "ghosts", 1, 0, 100)) {}

  void recall(const Access& access) {
    if (ghost_queue_.list_of(access.slot) == kGhosts) {
      ghost_queue_.unlink(access.slot, kGhosts);
    } else {
      std::fill_n(uses(access.slot), k_, 0);
    }
  }
  void enter(const Access& access) {
    note_use(access.slot);
    heap_.push(access.slot, Sooner{*this});
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    note_use(access.slot);
    heap_.moved(access.slot, Sooner{*this});
  }
  void leave(uint32_t slot, uint64_t /*size*/) { heap_.remove(slot, Sooner{*this}); }
  bool retire(uint32_t slot, uint64_t size) {
    leave(slot, size);
    ghost_queue_.push_front(slot, kGhosts);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return heap_.first();
  }

  uint32_t surplus_ghost(uint64_t room) const {
    return ghost_queue_.count(kGhosts) > ghosts_for(room) ? ghost_queue_.back(kGhosts) : kNoSlot;
  }
  void forget(uint32_t slot) { ghost_queue_.unlink(slot, kGhosts); }
  uint64_t max_ghosts() const { return ghosts_for(limit_); }

  bool holds(uint32_t slot) const { return heap_.contains(slot); }
  void reserve(uint32_t slots) {
    grow_exactly(uses_, slots * k_);
    heap_.reserve(slots);
    ghost_queue_.reserve(slots);
  }
  void prefetch(uint32_t slot) const {
    heap_.prefetch(slot);
    __builtin_prefetch(&uses_[slot * k_], 1);
  }
  size_t bytes() const { return held_bytes(uses_) + heap_.bytes() + ghost_queue_.bytes(); }

 private:
  enum List : uint32_t { kGhosts };

  // By the K-th last use, which is 0 of what has not so many; then by the last one.
  struct Sooner {
    const LruKOrder& order;
    bool operator()(uint32_t a, uint32_t b) const { return order.rank(a) < order.rank(b); }
  };
  std::pair<uint64_t, uint64_t> rank(uint32_t slot) const {
    const uint64_t* uses = &uses_[slot * k_];
    return {uses[k_ - 1], uses[0]};
  }

  uint64_t* uses(uint32_t slot) { return &uses_[slot * k_]; }
  void note_use(uint32_t slot) {
    uint64_t* times = uses(slot);
    for (uint64_t i = k_; --i > 0;) times[i] = times[i - 1];
    times[0] = ++now_;
  }
  uint64_t ghosts_for(uint64_t room) const { return share_of(room, ghosts_); }

  uint64_t limit_;
  uint64_t k_;
  double ghosts_;
  std::vector<uint64_t> uses_;  // k_ a slot, the last first
  SlotHeap heap_;
  SlotSegments<1> ghost_queue_;  // the last evicted first
  uint64_t now_ = 0;             // counts uses
};

using LruKPolicy = OrderPolicy<LruKOrder>;

}  // namespace cachegauge
