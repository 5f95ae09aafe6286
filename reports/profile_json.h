// The JSON of a profile: kind "profile" of schema version 1 (reports/schema/profile.schema.json;
// docs/report.md says what each field is).
#pragma once

#include <string>

#include "harness/core/profile_report.h"

namespace cachegauge {

// As run_report_json().
std::string profile_report_json(const ProfileReport& report);

}  // namespace cachegauge
