// The report of a run as JSON, schema version 1: names, units and the meaning of null are written
// down in docs/report.md and checked by reports/schema/run.schema.json.
#pragma once

#include <string>

#include "harness/core/report.h"

namespace cachegauge {

inline constexpr int kReportSchemaVersion = 1;

// UTF-8 that ends with a newline. Bytes from outside that are not UTF-8 become U+FFFD; nothing here
// throws for what a report holds.
std::string run_report_json(const RunReport& report);

}  // namespace cachegauge
