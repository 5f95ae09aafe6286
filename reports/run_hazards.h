// What a reader must know before the figures of a run: that it was interrupted, that cells failed,
// warnings, flags, and counts that should be 0.
#pragma once

#include <vector>

#include "harness/core/report.h"
#include "reports/hazards.h"
#include "reports/run_comparison.h"

namespace cachegauge {

// All of a report, in that order, each text once with the adapters it came from.
std::vector<Hazard> run_hazards(const RunReport& report);

// Those of the kinds "warning" and "flag" alone.
std::vector<Hazard> warnings_and_flags(const RunReport& report);

// Things that are never right, with the cells they happened in.
std::vector<Hazard> alarms(const ComparedWorkload& workload);

}  // namespace cachegauge
