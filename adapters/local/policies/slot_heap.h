// A binary heap of slots from which any slot can be removed: 8 bytes a slot. Williams, "Algorithm
// 232: Heapsort", 1964.
//
// The order is the caller's, and given with each call: before(a, b) is whether slot a comes before
// slot b. It may change for one slot at a time, which is then to be moved.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"

namespace cachegauge {

class SlotHeap {
 public:
  bool contains(uint32_t slot) const { return places_[slot] != kNowhere; }
  // kNoSlot when it is empty.
  uint32_t first() const { return count_ == 0 ? kNoSlot : slots_[0]; }

  // The slot must not be in the heap.
  template <class Before>
  void push(uint32_t slot, const Before& before) {
    rise(slot, count_++, before);
  }
  // The slot must be in the heap.
  template <class Before>
  void remove(uint32_t slot, const Before& before) {
    const uint32_t place = std::exchange(places_[slot], kNowhere);
    const uint32_t last = slots_[--count_];
    if (last != slot) settle(last, place, before);
  }
  // The slot, which must be in the heap, has a new place in the order.
  template <class Before>
  void moved(uint32_t slot, const Before& before) {
    settle(slot, places_[slot], before);
  }

  void reserve(uint32_t slots) {
    grow_exactly(slots_, slots);
    grow_exactly(places_, slots, kNowhere);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&places_[slot], 1); }
  size_t bytes() const { return held_bytes(slots_) + held_bytes(places_); }

 private:
  static constexpr uint32_t kNowhere = 0xffffffff;

  void put(uint32_t slot, uint32_t place) {
    slots_[place] = slot;
    places_[slot] = place;
  }

  template <class Before>
  void settle(uint32_t slot, uint32_t place, const Before& before) {
    if (place > 0 && before(slot, slots_[(place - 1) / 2])) {
      rise(slot, place, before);
    } else {
      sink(slot, place, before);
    }
  }

  template <class Before>
  void rise(uint32_t slot, uint32_t place, const Before& before) {
    while (place > 0) {
      const uint32_t parent = slots_[(place - 1) / 2];
      if (!before(slot, parent)) break;
      put(parent, place);
      place = (place - 1) / 2;
    }
    put(slot, place);
  }

  template <class Before>
  void sink(uint32_t slot, uint32_t place, const Before& before) {
    for (uint64_t child; (child = 2 * uint64_t{place} + 1) < count_;) {
      if (child + 1 < count_ && before(slots_[child + 1], slots_[child])) ++child;
      if (!before(slots_[child], slot)) break;
      put(slots_[child], place);
      place = static_cast<uint32_t>(child);
    }
    put(slot, place);
  }

  std::vector<uint32_t> slots_;   // the first count_ are in use
  std::vector<uint32_t> places_;  // by slot: where it is in slots_
  uint32_t count_ = 0;
};

}  // namespace cachegauge
