#pragma once

#include "harness/cli/experiment.h"
#include "harness/core/error.h"

namespace cachegauge {

// Plans the experiment, checks that its report can be written, runs its cells in random order,
// writes the report after each, and prints what was found. Throws Error for what is wrong before
// the first cell.
ExitCode run_experiment(const Experiment& experiment);

}  // namespace cachegauge
