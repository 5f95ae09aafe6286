// What a pattern whose writes go to the origin did, with all keys or with those of each class, in a
// report and back.
#pragma once

#include "harness/core/metrics.h"
#include "reports/json.h"
#include "reports/json_node.h"

namespace cachegauge {

// pattern_figures and classes of a result, whose shares these are.
void add_patterns(Json& json, const RunResult& result, const PatternShares& shares);

// Reports from before there were patterns, or classes, have none of it.
void read_patterns(const JsonNode& node, RunResult& result);

}  // namespace cachegauge
