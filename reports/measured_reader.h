// Reads a report for the gate: the numbers of results[], whatever the kind of report, and what
// tells the results from each other. Of a baseline, too, which has the same shape
// (baseline_json.h).
#pragma once

#include <string>
#include <string_view>

#include "harness/core/measured_report.h"

namespace cachegauge {

// Throws Error::failed naming file, place and remedy for what is no whole report of a kind that has
// results and a version that is known, for one that was interrupted, and for results that failed:
// their figures do not stand for the cell.
MeasuredReport parse_measured_report(const std::string& text, std::string_view file);

// Error::usage where there is no such file; else as above.
MeasuredReport read_measured_report(const std::string& path);

}  // namespace cachegauge
