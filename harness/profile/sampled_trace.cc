#include "harness/profile/sampled_trace.h"

#include <cmath>

#include "harness/core/hash.h"
#include "harness/simulate/chosen_keys.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMostRequests = 500'000;
constexpr uint64_t kFewestSampledKeys = 16'384;

}  // namespace

uint32_t sample_halvings(uint64_t requests, uint64_t keys) {
  uint32_t halvings = 0;
  while (requests >> halvings > kMostRequests && keys >> (halvings + 1) >= kFewestSampledKeys)
    ++halvings;
  return halvings;
}

std::unique_ptr<SampledTrace> sample_trace(const InternedTrace& trace, uint32_t halvings) {
  const KeySample share(std::ldexp(1, -static_cast<int>(halvings)), 0);
  const uint64_t mask = (uint64_t{1} << halvings) - 1;
  // Mixed once more, since policies draw from the hash itself.
  const ChosenKeys chosen(trace,
                          [&](uint32_t id) { return (mix64(trace.key_hash(id)) & mask) == 0; });
  return std::make_unique<SampledTrace>(chosen, share, trace.summary());
}

}  // namespace cachegauge
