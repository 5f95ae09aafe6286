// What a finished stampede shows on a terminal.
#pragma once

#include <string>

#include "harness/core/stampede_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// A row an adapter and guard. Warnings follow. Ends with one newline.
std::string stampede_table(const StampedeReport& report, const TextTableStyle& style);

// Lines that end it: what was found, `not measured: …`, `next: …`.
std::string stampede_finding(const StampedeReport& report);

}  // namespace cachegauge
