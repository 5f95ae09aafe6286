// What is refused, or warned of, before anything is started: flags that cannot be combined, and
// adapters that lack what a workload needs. All throw Error::usage; warnings go to the cell.
// Of patterns see pattern_planner.h, of faults fault_checks.h, of layers cell_layers.h.
#pragma once

#include "harness/cli/cell_planner.h"

namespace cachegauge {

// The flags, against one another.
void check_experiment(const Experiment& experiment);

// What the workload needs against what the adapter can do.
void check_needs(const Experiment& experiment, const WorkloadSummary& summary,
                 const Capabilities& capabilities, PlannedCell& cell);

// TTLs shrink as time does.
void check_speed(const Experiment& experiment, const PlannedWorkload& workload,
                 const Capabilities& capabilities, PlannedCell& cell);

}  // namespace cachegauge
