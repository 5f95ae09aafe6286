// Random replacement: evicts any resident, all being equally likely. Belady, "A study of
// replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include <cstdint>

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_pool.h"
#include "harness/core/random.h"

namespace cachegauge {

class RandomOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "random",
      .summary = "evicts any object, all being equally likely",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit RandomOrder(const PolicySettings& settings) : random_(settings.seed) {}

  void enter(const Access& access) { residents_.add(access.slot); }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) { residents_.remove(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return residents_.draw(random_);
  }

  bool holds(uint32_t slot) const { return residents_.contains(slot); }
  void reserve(uint32_t slots) { residents_.reserve(slots); }
  void prefetch(uint32_t slot) const { residents_.prefetch(slot); }
  size_t bytes() const { return residents_.bytes(); }

 private:
  SplitMix64 random_;
  SlotPool residents_;
};

using RandomPolicy = OrderPolicy<RandomOrder>;

}  // namespace cachegauge
