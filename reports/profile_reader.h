// Reads a report of kind "profile" back into what its reporters take: profile_report_json() of it
// is the same text again.
#pragma once

#include "harness/core/profile_report.h"
#include "reports/json_node.h"

namespace cachegauge {

// Of a report of that kind and of the schema's version. Throws Error::failed naming file and place
// for what is missing or of another type.
ProfileReport read_profile(const JsonNode& root);

}  // namespace cachegauge
