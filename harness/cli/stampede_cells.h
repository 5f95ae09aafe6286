// An adapter and a guard of `stampede`, out of its options.
#pragma once

#include <string>

#include "harness/cli/recorded_load.h"
#include "harness/cli/stampede_options.h"
#include "harness/core/stampede_report.h"
#include "harness/stampede/stampede.h"

namespace cachegauge {

// Empty without a workload. Throws as record_load() does.
RecordedLoad read_recorded_load(const StampedeOptions& options);

// Throws Error::usage for what the adapter cannot carry out. Points into the options.
StampedePlan plan_stampede_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                                const Spec& adapter, const std::string& guard);

// As planned, until it is over or interrupted() (interrupts.h). Throws Error for one that could not
// begin.
StampedeCell run_stampede_cell(const StampedeOptions& options, const RecordedLoad& recorded,
                               const Spec& adapter, const std::string& guard);

}  // namespace cachegauge
