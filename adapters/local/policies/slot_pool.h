// A set of slots to draw samples from: 8 bytes a slot. The slots are an array without gaps, in
// which the last one takes the place of one that goes, so that everything takes constant time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "harness/core/random.h"

namespace cachegauge {

class SlotPool {
 public:
  bool contains(uint32_t slot) const { return places_[slot] != kNowhere; }
  uint32_t count() const { return count_; }

  // The slot must not be in the pool.
  void add(uint32_t slot) {
    places_[slot] = count_;
    slots_[count_++] = slot;
  }
  // The slot must be in the pool.
  void remove(uint32_t slot) {
    const uint32_t last = slots_[--count_];
    slots_[places_[slot]] = last;
    places_[last] = places_[slot];
    places_[slot] = kNowhere;
  }

  // A user may keep what it knows of the slots by their places, below count(), where it has them
  // close together. remove() moves what is at the last place to the one that it frees.
  uint32_t place_of(uint32_t slot) const { return places_[slot]; }
  uint32_t slot_at(uint32_t place) const { return slots_[place]; }
  // Of `draws` places, each drawn from all, the one of which worth(place) is least; of all of them
  // where there are no more than that. Among equals the first that was seen.
  template <class Worth>
  uint32_t least_place(uint64_t draws, SplitMix64& random, const Worth& worth) const {
    const bool all = count_ <= draws;
    const auto draw_place = [&] { return static_cast<uint32_t>(random.below(count_)); };
    uint32_t least = all ? 0 : draw_place();
    auto least_worth = worth(least);
    for (uint32_t i = 1; i < std::min<uint64_t>(draws, count_); ++i) {
      const uint32_t place = all ? i : draw_place();
      const auto place_worth = worth(place);
      if (!(place_worth < least_worth)) continue;
      least = place;
      least_worth = place_worth;
    }
    return least;
  }

  void reserve(uint32_t slots) {
    grow_exactly(slots_, slots);
    grow_exactly(places_, slots, kNowhere);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&places_[slot], 1); }
  size_t bytes() const { return held_bytes(slots_) + held_bytes(places_); }

 private:
  static constexpr uint32_t kNowhere = 0xffffffff;

  std::vector<uint32_t> slots_;   // the first count_ are in use
  std::vector<uint32_t> places_;  // by slot: where it is in slots_
  uint32_t count_ = 0;
};

}  // namespace cachegauge
