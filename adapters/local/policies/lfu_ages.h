// The order of LFU with ties by age: among objects of the lowest count the one that was inserted
// first goes first. Buckets of one count (lfu_buckets.h) are in the order in which objects reached
// it, which is another, so this is a heap; a use costs O(log n).
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/slot_heap.h"

namespace cachegauge {

class LfuAges {
 public:
  void enter(uint32_t slot) {
    uses_[slot] = {.count = 1, .inserted = ++insertions_};
    heap_.push(slot, Sooner{uses_});
  }
  void touch(uint32_t slot) {
    ++uses_[slot].count;
    heap_.moved(slot, Sooner{uses_});
  }
  void leave(uint32_t slot) { heap_.remove(slot, Sooner{uses_}); }
  uint32_t victim() const { return heap_.first(); }

  bool holds(uint32_t slot) const { return heap_.contains(slot); }
  void reserve(uint32_t slots) {
    grow_exactly(uses_, slots);
    heap_.reserve(slots);
  }
  void prefetch(uint32_t slot) const { heap_.prefetch(slot); }
  size_t bytes() const { return held_bytes(uses_) + heap_.bytes(); }

 private:
  struct Uses {
    uint64_t count;
    uint64_t inserted;  // a serial number
    auto operator<=>(const Uses&) const = default;
  };
  struct Sooner {
    const std::vector<Uses>& uses;
    bool operator()(uint32_t a, uint32_t b) const { return uses[a] < uses[b]; }
  };

  std::vector<Uses> uses_;  // by slot
  SlotHeap heap_;
  uint64_t insertions_ = 0;
};

}  // namespace cachegauge
