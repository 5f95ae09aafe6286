// A trace of some of the keys of another, chosen by their hash: what a cache of a share R of the
// size sees of a share R of the keys stands for the whole (Waldspurger, Park, Garthwaite, Ahmad,
// "Efficient MRC construction with SHARDS", FAST 2015; of any policy: Waldspurger, Saemundsson,
// Ahmad, Park, "Cache modeling and optimization using miniature simulations", USENIX ATC 2017).
#pragma once

#include <cstdint>
#include <memory>

#include "harness/simulate/sampled_trace.h"

namespace cachegauge {

// The share is 2^-halvings: 1 for a trace of up to 500,000 requests, or of few keys, since a sample
// is off by the chance of which keys are in it. It has about 16,384 keys at least.
uint32_t sample_halvings(uint64_t requests, uint64_t keys);

// Order, times, sizes and TTLs of the chosen keys' requests are kept.
std::unique_ptr<SampledTrace> sample_trace(const InternedTrace& trace, uint32_t halvings);

}  // namespace cachegauge
