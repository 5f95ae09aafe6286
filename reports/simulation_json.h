// The JSON of a simulation: kind "simulate" of schema version 1
// (reports/schema/simulate.schema.json; docs/report.md says what each field is).
#pragma once

#include <string>

#include "harness/core/simulation_report.h"

namespace cachegauge {

// As run_report_json().
std::string simulation_report_json(const SimulationReport& report);

}  // namespace cachegauge
