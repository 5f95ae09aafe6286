// From an experiment to its cells: every workload × adapter, resolved, labelled, and checked
// against what the adapter can do, before anything is started.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "harness/cli/experiment.h"
#include "harness/core/report.h"
#include "harness/replay/cell.h"

namespace cachegauge {

struct PlannedWorkload {
  std::unique_ptr<Workload> workload;
  WorkloadSummary summary;
  std::string label;
  std::string given;                // as a command line says it
  uint64_t keys_in_collisions = 0;  // under the experiment's naming of keys
};

struct PlannedCell {
  CellReport report;  // all but the result
  CellPlan plan;      // points into the PlannedWorkload
  Spec adapter;
  std::vector<std::string> warnings;
};

struct PlannedExperiment {
  std::vector<std::unique_ptr<PlannedWorkload>> workloads;
  std::vector<PlannedCell> cells;
  std::vector<std::string> warnings;  // of the experiment as a whole
  std::vector<std::string> notes;     // what was chosen for the user, and why
};

// Reads every workload once. Throws Error::usage for what cannot be combined, and Error::failed for
// a workload that cannot be read.
PlannedExperiment plan_experiment(const Experiment& experiment);

// Of its driver, and of what its origin draws.
void set_seed(const Experiment& experiment, CellPlan& plan, uint64_t seed);

// Gives the cell of an open loop its rate, requests per second, and says so in its labels.
void set_rate(PlannedCell& cell, double rate);

// How requests are read under this experiment's flags.
RequestRules request_rules(const Experiment& experiment);

// Who fills a miss, if that is left to us.
Fills resolve_fills(const Experiment& experiment, const Workload& workload);

// What a table or an id calls the workload: its label, a trace's file name, or the generator's
// spec.
std::string workload_label(const Spec& given);

// A time that the cell takes at the least, from its requests and its compulsory misses.
double estimate_seconds(const PlannedCell& cell);

}  // namespace cachegauge
