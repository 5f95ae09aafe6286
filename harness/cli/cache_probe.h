// What a cache costs here and now, and an origin: for verdicts on traces that no cache has replayed
// yet.
#pragma once

#include <optional>
#include <string>

#include "harness/cli/experiment.h"
#include "harness/core/histogram.h"
#include "harness/profile/economics.h"

namespace cachegauge {

// Service times of gets and fills over the first requests of a workload (200,000, or its limit),
// in a `cachegauge run` of its own with the flags of `experiment` that bear on it. Null if we were
// interrupted. Throws Error for a cache that cannot be run.
std::optional<CacheTimes> probe_cache(const Experiment& experiment, const std::string& workload,
                                      const Spec& adapter, uint64_t memory_bytes);

// Of calls one after the other, so that none waits for another, in virtual time.
Histogram probe_origin(const Spec& origin, uint64_t seed);

}  // namespace cachegauge
