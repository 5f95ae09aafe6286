// What a finished simulation shows on a terminal.
#pragma once

#include <string>
#include <vector>

#include "harness/core/simulation_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// The line that names the workload and its extent; another says of what sample it is an estimate.
std::string simulation_heading(const SimulationReport& report);

// Hit ratios, a row a policy and a column a size; then byte hit ratios, where they differ, and mean
// response times, where fills take time. The best of a column is marked (without those that have no
// limit, or know the future); ranges are standard errors. Empty without results.
std::vector<TextTable> simulation_tables(const SimulationReport& report);

// Those, courses and curves; warnings follow. Ends with one newline.
std::string simulation_table(const SimulationReport& report, const TextTableStyle& style);

// Lines that end it: what was found, `not measured: …`, `next: …`.
std::string simulation_finding(const SimulationReport& report);

}  // namespace cachegauge
