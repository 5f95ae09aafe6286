// The report of a stampede as JSON (docs/report.md, reports/schema/stampede.schema.json).
#pragma once

#include <string>

#include "harness/core/stampede_report.h"

namespace cachegauge {

// UTF-8 that ends with a newline.
std::string stampede_report_json(const StampedeReport& report);

}  // namespace cachegauge
