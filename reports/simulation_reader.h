// Reads a report of kind "simulate" back into what its reporters take: simulation_report_json() of
// it is the same text again.
#pragma once

#include "harness/core/simulation_report.h"
#include "reports/json_node.h"

namespace cachegauge {

// Of a report of that kind and of the schema's version. Throws Error::failed naming file and place
// for what is missing, of another type, or does not add up.
SimulationReport read_simulation(const JsonNode& root);

}  // namespace cachegauge
