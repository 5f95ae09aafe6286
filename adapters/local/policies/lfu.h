// LFU: evicts the object with the fewest uses. An object's count is 1 when it enters and is lost
// when it leaves.
//
// Which of several objects with the lowest count goes first the papers leave open. Unless said
// otherwise it is the one that reached that count first, which takes constant time
// (lfu_buckets.h); with tie=inserted it is the one that was inserted first, as in LFUCache of the
// Python package cachetools (lfu_ages.h).
#pragma once

#include <cstdint>

#include "adapters/local/policies/lfu_ages.h"
#include "adapters/local/policies/lfu_buckets.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class LfuOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"tie", "text = reached",
       "of the least used, the first to get there goes; with \"inserted\" the oldest"}};
  static constexpr PolicyInfo kInfo = {
      .name = "lfu",
      .summary = "evicts the least frequently used object, counted while it is held",
      .paper =
          "Shah, Mitra, Matani, An O(1) algorithm for implementing the LFU cache eviction "
          "scheme, 2010",
      .params = kParams};

  explicit LfuOrder(const PolicySettings& settings)
      : by_age_(settings.spec.choice("tie", {"reached", "inserted"}) == "inserted") {}

  void enter(const Access& access) {
    by_age_ ? ages_.enter(access.slot) : buckets_.enter(access.slot);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    by_age_ ? ages_.touch(access.slot) : buckets_.touch(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    by_age_ ? ages_.leave(slot) : buckets_.leave(slot);
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return by_age_ ? ages_.victim() : buckets_.victim();
  }

  bool holds(uint32_t slot) const { return by_age_ ? ages_.holds(slot) : buckets_.holds(slot); }
  void reserve(uint32_t slots) { by_age_ ? ages_.reserve(slots) : buckets_.reserve(slots); }
  void prefetch(uint32_t slot) const { by_age_ ? ages_.prefetch(slot) : buckets_.prefetch(slot); }
  size_t bytes() const { return ages_.bytes() + buckets_.bytes(); }

 private:
  bool by_age_;
  LfuBuckets buckets_;  // the other one stays empty
  LfuAges ages_;
};

using LfuPolicy = OrderPolicy<LfuOrder>;

}  // namespace cachegauge
