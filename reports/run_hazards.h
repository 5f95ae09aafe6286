// What a reader must know before the figures of a run: that it was interrupted, that cells failed,
// counts that should be 0, flags, and warnings.
#pragma once

#include <vector>

#include "harness/core/report.h"
#include "reports/hazards.h"
#include "reports/run_comparison.h"

namespace cachegauge {

// All of a report, gravest first, each text once with the adapters it came from.
std::vector<Hazard> run_hazards(const RunReport& report);

// Those of the kinds "flag" and "warning" alone.
std::vector<Hazard> flags_and_warnings(const RunReport& report);

// Things that are never right, with the cells they happened in.
std::vector<Hazard> alarms(const ComparedWorkload& workload);

}  // namespace cachegauge
