// LFU with dynamic aging: LFU whose new objects start level with the last victim, so that what was
// used often long ago does not stay for ever. Arlitt, Cherkasova, Dilley, Friedrich, Jin,
// "Evaluating content management techniques for web proxy caches", Performance Evaluation Review
// 2000. Sizes play no part in it; gdsf.h is the policy of the same paper that minds them.
#pragma once

#include "adapters/local/policies/greedy_dual.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class LfuDaOrder : public GreedyDual<false> {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "lfuda",
      .summary = "LFU whose counts age: each new object starts level with the last victim",
      .paper =
          "Arlitt et al., Evaluating content management techniques for web proxy caches, 2000"};

  using GreedyDual::GreedyDual;
};

using LfuDaPolicy = OrderPolicy<LfuDaOrder>;

}  // namespace cachegauge
