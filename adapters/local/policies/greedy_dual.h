// The order of Greedy-Dual with uses counted, in which lfuda.h and gdsf.h agree: each object has a
// rank, L + uses / size, taken when it was last used; the object of the lowest rank goes, and L
// becomes its rank. L only ever grows, so that the uses of long ago lose their weight. An object's
// uses are 1 when it enters and are lost when it leaves. Among equals the first to reach the rank
// goes.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_heap.h"

namespace cachegauge {

// With kSized false each object counts as of size 1.
template <bool kSized>
class GreedyDual {
 public:
  explicit GreedyDual(const PolicySettings&) {}

  void enter(const Access& access) {
    standings_[access.slot].uses = 1;
    rank(access);
    heap_.push(access.slot, Lower{standings_});
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    ++standings_[access.slot].uses;
    move(access);
  }
  void resized(const Access& access, uint64_t /*old_size*/) {
    if constexpr (kSized) move(access);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { heap_.remove(slot, Lower{standings_}); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    const uint32_t slot = heap_.first();
    age_ = standings_[slot].rank;
    return slot;
  }

  bool holds(uint32_t slot) const { return heap_.contains(slot); }
  void reserve(uint32_t slots) {
    grow_exactly(standings_, slots);
    heap_.reserve(slots);
  }
  void prefetch(uint32_t slot) const {
    heap_.prefetch(slot);
    __builtin_prefetch(&standings_[slot], 1);
  }
  size_t bytes() const { return held_bytes(standings_) + heap_.bytes(); }

 private:
  struct Standing {
    double rank;
    uint64_t since;  // a serial number
    uint64_t uses;
  };
  struct Lower {
    const std::vector<Standing>& standings;
    bool operator()(uint32_t a, uint32_t b) const {
      const Standing& x = standings[a];
      const Standing& y = standings[b];
      return x.rank < y.rank || (x.rank == y.rank && x.since < y.since);
    }
  };

  void rank(const Access& access) {
    Standing& standing = standings_[access.slot];
    const auto size = static_cast<double>(kSized ? access.size : 1);
    standing.rank = age_ + static_cast<double>(standing.uses) / size;
    standing.since = ++rankings_;
  }
  void move(const Access& access) {
    rank(access);
    heap_.moved(access.slot, Lower{standings_});
  }

  std::vector<Standing> standings_;  // by slot
  SlotHeap heap_;
  double age_ = 0;  // L
  uint64_t rankings_ = 0;
};

}  // namespace cachegauge
