// Reads a report of kind "stampede" back into what its reporters take: stampede_report_json() of it
// is the same text again.
#pragma once

#include "harness/core/stampede_report.h"
#include "reports/json_node.h"

namespace cachegauge {

// Of a report of that kind and of the schema's version. Throws Error::failed naming file and place
// for what is missing, of another type, or does not add up.
StampedeReport read_stampede(const JsonNode& root);

}  // namespace cachegauge
