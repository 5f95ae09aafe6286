#pragma once

#include <string>

#include "harness/core/measured_report.h"

namespace cachegauge {

// The figures of `report` in the shape that a report has them, for a file that is committed: small,
// sorted, one figure a line, nothing of the machine or the build. read_measured_report() reads it.
std::string baseline_json(const MeasuredReport& report);

}  // namespace cachegauge
