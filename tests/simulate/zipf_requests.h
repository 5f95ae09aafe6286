// Requests whose keys follow Zipf's law, for tests that compare estimates with the truth.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "harness/core/random.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {

// The logarithm of a key is uniform, so that key k is drawn in proportion to 1 / k: an exponent of
// 1. Value sizes depend on the key; `writes` of 100 requests are sets, and half as many deletes.
inline std::vector<Request> zipf_requests(uint64_t requests, uint64_t keys, uint64_t writes = 0) {
  SplitMix64 random(7);
  std::vector<Request> drawn;
  for (uint64_t i = 0; i < requests; ++i) {
    const double log_key = random.uniform() * std::log(static_cast<double>(keys));
    const auto key = static_cast<uint64_t>(std::exp(log_key));
    const uint64_t draw = random.below(200);
    const Op op = draw < 2 * writes ? Op::kSet : draw < 3 * writes ? Op::kDelete : Op::kGet;
    drawn.push_back(InMemoryWorkload::request(op, key, key % 300));
  }
  return drawn;
}

}  // namespace cachegauge
