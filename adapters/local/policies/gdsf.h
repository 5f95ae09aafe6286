// GDSF: an object is worth its uses for each byte that it takes, and worths age. Cherkasova,
// "Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy", HP
// Laboratories 1998, with a cost of 1 for each object, which aims at the hit ratio rather than at
// bytes. The size is what the object is charged. With a capacity in entries all sizes are 1, and
// it is LFU with dynamic aging (lfuda.h).
#pragma once

#include <cstdint>

#include "adapters/local/policies/greedy_dual.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class GdsfOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "gdsf",
      .summary = "evicts what has the fewest uses for each byte it takes; counts age",
      .paper =
          "Cherkasova, Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching "
          "policy, 1998"};

  explicit GdsfOrder(const PolicySettings&) {}

  void enter(const Access& access) { order_.enter(access.slot, access.size); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    order_.touch(access.slot, access.size);
  }
  void resized(const Access& access, uint64_t /*old_size*/) {
    order_.resized(access.slot, access.size);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { order_.leave(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return order_.victim();
  }

  bool holds(uint32_t slot) const { return order_.holds(slot); }
  void reserve(uint32_t slots) { order_.reserve(slots); }
  void prefetch(uint32_t slot) const { order_.prefetch(slot); }
  size_t bytes() const { return order_.bytes(); }

 private:
  GreedyDual order_;
};

using GdsfPolicy = OrderPolicy<GdsfOrder>;

}  // namespace cachegauge
