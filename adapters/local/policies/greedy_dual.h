// The order of Greedy-Dual with uses counted, in which lfuda.h and gdsf.h agree: each object has a
// rank, L + uses / size, taken when it was last used; the object of the lowest rank goes, and L
// becomes its rank. L only ever grows, so that the uses of long ago lose their weight. An object's
// uses are 1 when it enters and are lost when it leaves. Among equals the first to reach the rank
// goes.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/slot_heap.h"

namespace cachegauge {

class GreedyDual {
 public:
  void enter(uint32_t slot, uint64_t size) {
    standings_[slot].uses = 1;
    rank(slot, size);
    heap_.push(slot, Lower{standings_});
  }
  void touch(uint32_t slot, uint64_t size) {
    ++standings_[slot].uses;
    rank(slot, size);
    heap_.moved(slot, Lower{standings_});
  }
  void resized(uint32_t slot, uint64_t size) {
    rank(slot, size);
    heap_.moved(slot, Lower{standings_});
  }
  void leave(uint32_t slot) { heap_.remove(slot, Lower{standings_}); }
  // What is returned must leave next: its rank is L from now on.
  uint32_t victim() {
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

  void rank(uint32_t slot, uint64_t size) {
    Standing& standing = standings_[slot];
    standing.rank = age_ + static_cast<double>(standing.uses) / static_cast<double>(size);
    standing.since = ++rankings_;
  }

  std::vector<Standing> standings_;  // by slot
  SlotHeap heap_;
  double age_ = 0;  // L
  uint64_t rankings_ = 0;
};

}  // namespace cachegauge
