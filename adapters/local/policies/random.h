// Random replacement: evicts any resident, all being equally likely. Belady, "A study of
// replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "harness/core/random.h"

namespace cachegauge {

// The residents are an array without gaps, in which the last one takes the place of one that goes,
// and a bit of each slot says whether it is among them: a hit reads that bit alone, and those of
// millions of slots stay in the processor's caches. A victim is drawn by its place, so where a slot
// is need not be known until one goes that was not drawn.
class RandomOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "random",
      .summary = "evicts any object, all being equally likely",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit RandomOrder(const PolicySettings& settings) : random_(settings.seed) {}

  void enter(const Access& access) {
    held_[access.slot / 64] |= bit_of(access.slot);
    if (knows_places()) places_[access.slot] = count_;
    residents_[count_++] = access.slot;
  }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) {
    const bool was_drawn = drawn_ < count_ && residents_[drawn_] == slot;
    if (!was_drawn && !knows_places()) note_places();
    const uint32_t place = was_drawn ? drawn_ : places_[slot];
    const uint32_t last = residents_[--count_];
    residents_[place] = last;
    if (knows_places()) places_[last] = place;
    held_[slot / 64] &= ~bit_of(slot);
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    drawn_ = static_cast<uint32_t>(random_.below(count_));
    return residents_[drawn_];
  }

  bool holds(uint32_t slot) const { return (held_[slot / 64] & bit_of(slot)) != 0; }
  void reserve(uint32_t slots) {
    grow_exactly(residents_, slots);
    grow_exactly(held_, slots / 64 + 1);
    if (knows_places()) grow_exactly(places_, slots);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&held_[slot / 64], 1); }
  size_t bytes() const { return held_bytes(residents_) + held_bytes(held_) + held_bytes(places_); }

 private:
  static uint64_t bit_of(uint32_t slot) { return uint64_t{1} << slot % 64; }

  bool knows_places() const { return !places_.empty(); }
  [[gnu::noinline]] void note_places() {
    grow_exactly(places_, residents_.size());
    for (uint32_t place = 0; place < count_; ++place) places_[residents_[place]] = place;
  }

  SplitMix64 random_;
  std::vector<uint32_t> residents_;  // the first count_ are in use
  std::vector<uint64_t> held_;       // a bit a slot
  std::vector<uint32_t> places_;     // by slot, of those that are held; empty until asked for
  uint32_t count_ = 0;
  uint32_t drawn_ = 0;  // the place of the last victim
};

using RandomPolicy = OrderPolicy<RandomOrder>;

}  // namespace cachegauge
