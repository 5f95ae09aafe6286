// Random replacement: evicts any resident, all being equally likely. Belady, "A study of
// replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
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
    held_[access.slot / kBits] |= bit_of(access.slot);
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
    held_[slot / kBits] &= static_cast<Bits>(~bit_of(slot));
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    drawn_ = static_cast<uint32_t>(random_.below(count_));
    return residents_[drawn_];
  }

  // Whether a request is a hit is a toss of a coin where few are held, and each second branch on it
  // would be mispredicted. So each request replaces its victim by itself or, after a hit, by what
  // was there; where many are held, that would fetch places in vain.
  bool can_serve() const { return count_ > 0 && count_ <= kFew && !knows_places(); }
  uint64_t serve(std::span<const uint32_t> slots) {
    Bits* const held = held_.data();
    uint32_t* const residents = residents_.data();
    uint32_t& last_resident = residents[count_ - 1];
    SplitMix64 random = random_;
    uint64_t hits = 0;
    for (size_t i = 0; i < slots.size(); ++i) {
      __builtin_prefetch(&held[slots[std::min(i + kAhead, slots.size() - 1)] / kBits], 1);
      const uint32_t slot = slots[i];
      const bool was_held = (held[slot / kBits] & bit_of(slot)) != 0;
      SplitMix64 drawn = random;
      uint32_t& place = residents[drawn.below(count_)];
      const uint32_t victim = place;
      const uint32_t last = last_resident;
      const uint32_t if_missed = was_held ? 0 : UINT32_MAX;
      place = victim ^ ((victim ^ last) & if_missed);
      last_resident = last ^ ((last ^ slot) & if_missed);
      held[victim / kBits] &= static_cast<Bits>(~(bit_of(victim) & if_missed));
      held[slot / kBits] |= bit_of(slot);
      if (!was_held) random = drawn;
      hits += was_held;
    }
    random_ = random;
    return hits;
  }

  bool holds(uint32_t slot) const { return (held_[slot / kBits] & bit_of(slot)) != 0; }
  void reserve(uint32_t slots) {
    grow_exactly(residents_, slots);
    grow_exactly(held_, slots / kBits + 1);
    if (knows_places()) grow_exactly(places_, slots);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&held_[slot / kBits], 1); }
  size_t bytes() const { return held_bytes(residents_) + held_bytes(held_) + held_bytes(places_); }

 private:
  // Short, so that a victim seldom has the word of one of the next requests, which would wait for
  // it.
  using Bits = uint16_t;
  static constexpr uint32_t kBits = 16;
  static constexpr uint32_t kFew = 1 << 15;  // places that stay in a processor's own cache
  static constexpr size_t kAhead = 12;

  static Bits bit_of(uint32_t slot) { return static_cast<Bits>(1u << slot % kBits); }

  bool knows_places() const { return !places_.empty(); }
  [[gnu::noinline]] void note_places() {
    grow_exactly(places_, residents_.size());
    for (uint32_t place = 0; place < count_; ++place) places_[residents_[place]] = place;
  }

  SplitMix64 random_;
  std::vector<uint32_t> residents_;  // the first count_ are in use
  std::vector<Bits> held_;           // a bit a slot
  std::vector<uint32_t> places_;     // by slot, of those that are held; empty until asked for
  uint32_t count_ = 0;
  uint32_t drawn_ = 0;  // the place of the last victim
};

using RandomPolicy = OrderPolicy<RandomOrder>;

}  // namespace cachegauge
