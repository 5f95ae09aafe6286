// What a stampede comes to: which guard does best here, and by what.
#pragma once

#include <string>
#include <vector>

#include "harness/core/stampede_report.h"

namespace cachegauge {

// Those that do best, of the cells that can be compared: not flagged, not interrupted, and with
// fewest of their requests failed. They call the origin least in an expiry (in a round, where the
// scenario has some; 5 % or 0.05 calls more are as few), and of these they have the shortest p99
// within the window (10 % or 1 ms more is as short), then the fewest stale answers (0.1 % of all
// more are as few). In the report's order; empty where fewer than two can be compared.
std::vector<const StampedeCell*> best_guards(const StampedeReport& report);

// Lines for the end of a report: which guards do best, what each cell came to (beside theory where
// that has another figure), `not measured: …`, `next: …`. Fit for a
// terminal.
std::string stampede_finding(const StampedeReport& report);

}  // namespace cachegauge
