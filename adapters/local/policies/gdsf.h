// GDSF: an object is worth its uses for each byte that it takes, and worths age. Cherkasova,
// "Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching policy", HP
// Laboratories 1998, with a cost of 1 for each object, which aims at the hit ratio rather than at
// bytes. The size is what the object is charged. With a capacity in entries all sizes are 1, and
// it is LFU with dynamic aging (lfuda.h).
#pragma once

#include "adapters/local/policies/greedy_dual.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class GdsfOrder : public GreedyDual<true> {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "gdsf",
      .summary = "evicts what has the fewest uses for each byte it takes; counts age",
      .paper =
          "Cherkasova, Improving WWW proxies performance with Greedy-Dual-Size-Frequency caching "
          "policy, 1998"};

  using GreedyDual::GreedyDual;
};

using GdsfPolicy = OrderPolicy<GdsfOrder>;

}  // namespace cachegauge
