// Miss-ratio curves, for a terminal and for a spreadsheet.
#pragma once

#include <optional>
#include <string>

#include "harness/core/simulation_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// The smallest size whose hit ratio is at least this share of the curve's best. Null for a curve
// without hits.
std::optional<uint64_t> size_for_share(const MissRatioCurve& curve, double share);

// A row of bars for each curve, from its smallest size to its largest, each bar a step of the same
// factor; then what sizes are worth. Empty without curves.
std::string curve_lines(const SimulationReport& report, const TextTableStyle& style);

// RFC 4180 with a heading: a row for each point.
std::string curve_csv(const SimulationReport& report);

}  // namespace cachegauge
