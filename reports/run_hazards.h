// What a reader must know before the figures of a run: that it was interrupted, that cells failed,
// warnings, flags, and counts that should be 0.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/report.h"
#include "reports/run_comparison.h"

namespace cachegauge {

struct Hazard {
  std::string_view kind;  // "interrupted", "failed", "warning", "flag", "alarm"
  std::string text;       // as it came: not yet fit for a terminal or a page
};

// All of a report, in that order, each text once with the adapters it came from.
std::vector<Hazard> run_hazards(const RunReport& report);

// Those of the kinds "warning" and "flag" alone.
std::vector<Hazard> warnings_and_flags(const RunReport& report);

// Things that are never right, with the cells they happened in.
std::vector<Hazard> alarms(const ComparedWorkload& workload);

// "interrupted, 1 failed, 2 warnings"; empty if there is nothing to tell.
std::string count_hazards(const std::vector<Hazard>& hazards);

}  // namespace cachegauge
