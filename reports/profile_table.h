// What a finished profile shows on a terminal.
#pragma once

#include <string>

#include "harness/core/profile_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// The line that names the workload and its extent.
std::string profile_heading(const ProfileReport& report);

// What the traffic is like; the verdict, with its arithmetic; findings, each with its remedy;
// warnings, `not measured: …` and `next: …`. Ends with one newline.
std::string profile_text(const ProfileReport& report, const TextTableStyle& style);

}  // namespace cachegauge
