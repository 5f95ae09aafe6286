// Random replacement: evicts any resident, all being equally likely. Belady, "A study of
// replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "harness/core/random.h"

namespace cachegauge {

// The residents are an array without gaps, and a byte of each slot says whether it is among them. A
// victim is drawn by its place, so where a slot is need not be known until one goes that was not
// drawn. What goes leaves its place to the last one; what comes takes the place of the last victim,
// from which whoever is there moves to the end.
class RandomOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "random",
      .summary = "evicts any object, all being equally likely",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit RandomOrder(const PolicySettings& settings) : random_(settings.seed) {}

  void enter(const Access& access) {
    const uint32_t place = std::min(drawn_, count_);
    if (place < count_) put(count_, residents_[place]);
    put(place, access.slot);
    ++count_;
    held_[access.slot] = 1;
  }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) {
    const bool was_drawn = drawn_ < count_ && residents_[drawn_] == slot;
    if (!was_drawn && !knows_places()) note_places();
    const uint32_t place = was_drawn ? drawn_ : places_[slot];
    put(place, residents_[--count_]);
    held_[slot] = 0;
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    drawn_ = static_cast<uint32_t>(random_.below(count_));
    return residents_[drawn_];
  }

  // Whether a request is a hit is a toss of a coin, and each second branch on it would be
  // mispredicted. So each request has itself or, after a hit, what was there put in the place that
  // was drawn for the next victim. Draws are made ahead; what no miss has used is drawn again.
  bool can_serve() const { return count_ > 0 && !knows_places(); }
  uint64_t serve(std::span<const uint32_t> slots) {
    constexpr size_t kBlock = 128, kDraws = 2 * kBlock;
    std::array<uint32_t, kDraws> draws;
    SplitMix64 ahead = random_;
    uint8_t* const held = held_.data();
    uint32_t* const residents = residents_.data();
    size_t drawn = 0, misses = 0;
    for (size_t begin = 0; begin < slots.size(); begin += kBlock) {
      const size_t end = std::min(begin + kBlock, slots.size());
      for (; drawn < misses + kBlock; ++drawn) {
        draws[drawn % kDraws] = static_cast<uint32_t>(ahead.below(count_));
      }
      for (size_t i = begin; i < end; ++i) {
        __builtin_prefetch(&held[slots[std::min(i + kRequestsAhead, slots.size() - 1)]], 1);
        const uint32_t slot = slots[i];
        const bool was_held = held[slot] != 0;
        uint32_t& place = residents[draws[misses % kDraws]];
        const uint32_t change = (place ^ slot) & (was_held ? 0 : UINT32_MAX);
        place ^= change;
        held[slot ^ change] = 0;  // the victim, or the slot itself
        held[slot] = 1;
        misses += !was_held;
      }
    }
    random_.discard(misses);
    if (misses > 0) drawn_ = draws[(misses - 1) % kDraws];
    return slots.size() - misses;
  }

  bool holds(uint32_t slot) const { return held_[slot] != 0; }
  void reserve(uint32_t slots) {
    grow_exactly(residents_, slots);
    grow_exactly(held_, slots);
    if (knows_places()) grow_exactly(places_, slots);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&held_[slot], 1); }
  size_t bytes() const { return held_bytes(residents_) + held_bytes(held_) + held_bytes(places_); }

 private:
  bool knows_places() const { return !places_.empty(); }
  void put(uint32_t place, uint32_t slot) {
    residents_[place] = slot;
    if (knows_places()) places_[slot] = place;
  }
  [[gnu::noinline]] void note_places() {
    grow_exactly(places_, residents_.size());
    for (uint32_t place = 0; place < count_; ++place) places_[residents_[place]] = place;
  }

  SplitMix64 random_;
  std::vector<uint32_t> residents_;  // the first count_ are in use
  std::vector<uint8_t> held_;        // by slot
  std::vector<uint32_t> places_;     // by slot, of those that are held; empty until asked for
  uint32_t count_ = 0;
  uint32_t drawn_ = UINT32_MAX;  // the place of the last victim
};

using RandomPolicy = OrderPolicy<RandomOrder>;

}  // namespace cachegauge
