// What a finished run shows on a terminal: a table for each workload with warnings below it, and
// what was found, in words.
#pragma once

#include <string>

#include "harness/core/report.h"
#include "reports/text_table.h"

namespace cachegauge {

using TableStyle = TextTableStyle;

// One block a workload, best hit ratio first, with a table by class of key below it where there are
// classes. Figures are medians over the repetitions, with the
// range (or interval) below where they differ. A "*" marks what is best beyond doubt: see
// clear_best(). Failed cells show their reason; warnings and flags follow, each text once. Ends
// with one newline.
std::string run_table(const RunReport& report, const TableStyle& style);

// Lines that end a run: what was found, `not measured: …`, `next: …`.
std::string run_finding(const RunReport& report);

}  // namespace cachegauge
