// LFU with dynamic aging: LFU whose new objects start level with the last victim, so that what was
// used often long ago does not stay for ever. Arlitt, Cherkasova, Dilley, Friedrich, Jin,
// "Evaluating content management techniques for web proxy caches", Performance Evaluation Review
// 2000. Sizes play no part in it; gdsf.h is the policy of the same paper that minds them.
#pragma once

#include <cstdint>

#include "adapters/local/policies/greedy_dual.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class LfuDaOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "lfuda",
      .summary = "LFU whose counts age: each new object starts level with the last victim",
      .paper =
          "Arlitt et al., Evaluating content management techniques for web proxy caches, 2000"};

  explicit LfuDaOrder(const PolicySettings&) {}

  void enter(const Access& access) { order_.enter(access.slot, 1); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    order_.touch(access.slot, 1);
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

using LfuDaPolicy = OrderPolicy<LfuDaOrder>;

}  // namespace cachegauge
