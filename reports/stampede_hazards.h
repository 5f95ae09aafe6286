// What a reader must know before the figures of a stampede: that it was interrupted, flags, and
// warnings.
#pragma once

#include <string>
#include <vector>

#include "harness/core/stampede_report.h"
#include "reports/hazards.h"

namespace cachegauge {

// All of a report, gravest first, each text once with the guards it came from.
std::vector<Hazard> stampede_hazards(const StampedeReport& report);

// How to speak of a cell among those of its report: its guard, and its adapter if there are
// several. As it came: not yet fit for a terminal or a page.
std::string stampede_cell_name(const StampedeReport& report, const StampedeCell& cell);

}  // namespace cachegauge
