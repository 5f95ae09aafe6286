// How simulations went over time, for a terminal.
#pragma once

#include <string>

#include "harness/core/simulation_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// A row of bars for each result with a series, all on one scale: its miss ratio window by window.
// Empty without a series.
std::string series_lines(const SimulationReport& report, const TextTableStyle& style);

}  // namespace cachegauge
