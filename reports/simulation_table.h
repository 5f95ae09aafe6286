// What a finished simulation shows on a terminal.
#pragma once

#include <string>

#include "harness/core/simulation_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// Hit ratios, a row a policy and a column a size; then byte hit ratios, where they differ. A "*"
// marks the best of a column (without those that have no limit, or know the future). Warnings
// follow. Ends with one newline.
std::string simulation_table(const SimulationReport& report, const TextTableStyle& style);

// Lines that end it: what was found, `not measured: …`, `next: …`.
std::string simulation_finding(const SimulationReport& report);

}  // namespace cachegauge
