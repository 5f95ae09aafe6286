// What the standard errors of a sample's estimates do not cover.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/simulation_report.h"
#include "harness/simulate/sampled_trace.h"

namespace cachegauge {

// Of a report whose results are estimates: sizes for which the sample's caches hold too few
// objects, or turn large ones away, policies that do otherwise on a smaller scale, and a warm-up
// that ends well before the one that was asked for.
std::vector<std::string> sample_warnings(const SimulationReport& report, const SampledTrace& sample,
                                         uint64_t warmup_requests);

}  // namespace cachegauge
