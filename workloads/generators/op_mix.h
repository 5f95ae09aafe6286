// `get=10,set=1,delete=0,add=0`: the weights of the operations a generator makes.
#pragma once

#include <array>
#include <span>

#include "harness/core/random.h"
#include "harness/core/request.h"
#include "harness/core/spec.h"

namespace cachegauge {

class OpMix {
 public:
  // A weight that is not given is 1 for get and 0 for the others. Throws Error::usage for weights
  // that are negative or all 0.
  explicit OpMix(const Spec& spec);

  bool gets_only() const { return gets_only_; }
  bool has(Op op) const { return weights_[static_cast<size_t>(op)] > 0; }

  // One draw for each request, in order.
  void assign(SplitMix64& random, std::span<Request> requests) const;

 private:
  std::array<double, kOpCount> weights_;
  std::array<double, kOpCount> cumulative_;  // shares, the last being 1
  bool gets_only_;
};

}  // namespace cachegauge
