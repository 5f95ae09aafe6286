// Many cells, a policy at a size each, over one interned trace: on several threads, the costly ones
// first, and no more of them at once than memory allows.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/simulate/cache_size.h"
#include "harness/simulate/simulation.h"

namespace cachegauge {

struct GridOptions {
  uint32_t threads = 1;
  uint64_t max_memory_bytes = UINT64_MAX;  // of the trace and the cells that run at once
  uint64_t seed = 42;
  bool fills_misses = true;
  uint64_t warmup_requests = 0;
  // The share of a workload's keys that the trace holds. Sizes are those of caches for the whole
  // workload, and are scaled by it; at least one entry is left.
  double sample_rate = 1;
  int64_t origin_ns = 0;     // SimulationSetup::origin_ns
  SeriesWindow window = {};  // of the results' series; doubled for a trace that has too many
};

// Throws Error::usage for what a policy or its parameters should not be, before anything is read.
void check_policies(const std::vector<Spec>& policies);

// Whether one of them has a limit to be told.
bool needs_size(const std::vector<Spec>& policies);

// Whether one of them is to be told the future, which the trace must then have
// (InternedTrace::find_next_uses).
bool needs_the_future(const std::vector<Spec>& policies);

// Whether one of them asks for the time where no request has a TTL (ArrivalTimes).
bool need_times(const std::vector<Spec>& policies);

// A result for each policy and size, in that order; a policy without a limit has one alone. When
// `stop` becomes true, those that did not end are left out. Throws Error::failed if a cell does not
// fit in memory by itself.
std::vector<SimulationResult> simulate_grid(const InternedTrace& trace,
                                            const std::vector<Spec>& policies,
                                            const std::vector<CacheSize>& sizes,
                                            const GridOptions& options,
                                            const std::atomic<bool>& stop);

}  // namespace cachegauge
