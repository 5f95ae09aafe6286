// Random replacement: evicts any resident, all being equally likely. Belady, "A study of
// replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
//
// The residents are an array without gaps, in which the last one takes the place of one that goes,
// and the victim is the one at a random place: everything in constant time.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "harness/core/random.h"

namespace cachegauge {

class RandomOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "random",
      .summary = "evicts any object, all being equally likely",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit RandomOrder(const PolicySettings& settings) : random_(settings.seed) {}

  void enter(const Access& access) {
    places_[access.slot] = count_;
    residents_[count_++] = access.slot;
  }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) {
    const uint32_t last = residents_[--count_];
    residents_[places_[slot]] = last;
    places_[last] = places_[slot];
    places_[slot] = kNowhere;
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return residents_[random_.below(count_)];
  }

  bool holds(uint32_t slot) const { return places_[slot] != kNowhere; }
  void reserve(uint32_t slots) {
    grow_exactly(residents_, slots);
    grow_exactly(places_, slots, kNowhere);
  }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&places_[slot], 1); }
  size_t bytes() const { return held_bytes(residents_) + held_bytes(places_); }

 private:
  static constexpr uint32_t kNowhere = 0xffffffff;

  SplitMix64 random_;
  std::vector<uint32_t> residents_;  // the first count_ are in use
  std::vector<uint32_t> places_;     // by slot: where it is in residents_
  uint32_t count_ = 0;
};

using RandomPolicy = OrderPolicy<RandomOrder>;

}  // namespace cachegauge
