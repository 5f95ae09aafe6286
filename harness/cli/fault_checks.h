// Whether the faults that an experiment asks for make sense in a cell of it.
#pragma once

#include "harness/cli/experiment.h"
#include "harness/replay/cell.h"

namespace cachegauge {

// Throws Error::usage for a fault that cannot be brought about, or would come after the end of a
// run whose length is known. `plan` has its driver and summary.
void check_faults(const Experiment& experiment, Adapter& adapter, const CellPlan& plan);

}  // namespace cachegauge
