// What LeCaR and Cacheus share (lecar.h, cacheus.h): one expert that goes by recency and one that
// goes by uses, each with a weight; lists of slots, an order by uses, and what is known of each
// slot.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

template <uint32_t kLists, class ByUses, class Life>
class TwoExperts {
 public:
  void reserve(uint32_t slots) {
    lists_.reserve(slots);
    by_uses_.reserve(slots);
    grow_exactly(lives_, slots);
  }
  void prefetch(uint32_t slot) const {
    lists_.prefetch(slot);
    by_uses_.prefetch(slot);
    __builtin_prefetch(&lives_[slot], 1);
  }
  size_t bytes() const { return lists_.bytes() + by_uses_.bytes() + held_bytes(lives_); }

 protected:
  // LFU's weight is what is missing to 1.
  double lru_weight() const { return lru_weight_; }
  void set_lru_weight(double weight) { lru_weight_ = weight; }
  // LRU's weight after both were multiplied, and scaled to add up to 1. Neither falls below 1 %,
  // lest one of the two is never heard again.
  double lru_weight_times(double lru_factor, double lfu_factor) const {
    const double lru = lru_weight_ * lru_factor, lfu = (1 - lru_weight_) * lfu_factor;
    return std::clamp(lru / (lru + lfu), kLeastWeight, 1 - kLeastWeight);
  }

  SlotSegments<kLists> lists_;
  ByUses by_uses_;
  std::vector<Life> lives_;  // by slot

 private:
  static constexpr double kLeastWeight = 0.01;

  double lru_weight_ = 0.5;
};

}  // namespace cachegauge
