// What the standard errors of a sample's estimates do not cover.
#pragma once

#include <string>
#include <vector>

#include "harness/core/simulation_report.h"
#include "harness/simulate/sampled_trace.h"

namespace cachegauge {

// Of a report whose results are estimates: sizes for which the sample's caches hold too few
// objects, or turn large ones away, and policies that do otherwise on a smaller scale.
std::vector<std::string> sample_warnings(const SimulationReport& report,
                                         const SampledTrace& sample);

}  // namespace cachegauge
