#include "workloads/generators/op_mix.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {

OpMix::OpMix(const Spec& spec) {
  double total = 0;
  for (int i = 0; i < kOpCount; ++i) {
    const Op op = static_cast<Op>(i);
    const double weight = spec.number(op_name(op), op == Op::kGet ? 1 : 0);
    if (weight < 0) {
      throw Error::usage(
          fmt::format("{}:{}: a weight cannot be negative", spec.kind(), op_name(op)));
    }
    weights_[i] = weight;
    total += weight;
  }
  if (total <= 0) {
    throw Error::usage(fmt::format("{}: get, set, delete and add all have weight 0", spec.kind()));
  }
  double sum = 0;
  for (int i = 0; i < kOpCount; ++i) {
    sum += weights_[i];
    // Operations of weight 0 at the end share this 1 with the last that has some.
    cumulative_[i] = sum == total ? 1.0 : sum / total;
  }
  gets_only_ = weights_[static_cast<size_t>(Op::kGet)] == total;
}

void OpMix::assign(SplitMix64& random, std::span<Request> requests) const {
  for (Request& request : requests) {
    const double u = random.uniform();
    int op = 0;
    while (cumulative_[op] <= u) ++op;
    request.op = static_cast<Op>(op);
  }
}

}  // namespace cachegauge
