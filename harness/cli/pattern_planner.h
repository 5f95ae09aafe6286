// The pattern of a cell: resolved, and checked against workload, cache and origin.
#pragma once

#include "harness/cli/cell_planner.h"

namespace cachegauge {

// Fills in the plan's pattern, classes and fills, and the report's pattern. Throws Error::usage for
// what cannot be carried out, with the reason and what would do.
void plan_pattern(const Experiment& experiment, const PlannedWorkload& workload,
                  const Capabilities& capabilities, const OriginTraits& origin, PlannedCell& cell);

}  // namespace cachegauge
