// What is worth a sentence beyond hit ratios and speed: tiers, serialisation, names of keys, shared
// values, growth.
#pragma once

#include <string>
#include <vector>

#include "reports/run_comparison.h"

namespace cachegauge {

// Of a workload's cells; none where there is nothing to tell.
std::vector<std::string> cost_sentences(const ComparedWorkload& workload);

}  // namespace cachegauge
