// What a run's faults did, in a report and back.
#pragma once

#include "harness/core/run_result.h"
#include "reports/json.h"
#include "reports/json_node.h"

namespace cachegauge {

// virtual_s, on_cache_error and faults of a result.
void add_faults(Json& json, const RunResult& result);

// Reports from before there were faults have none of it. A percentile stands for all response times
// of its stretch.
void read_faults(const JsonNode& node, RunResult& result);

}  // namespace cachegauge
