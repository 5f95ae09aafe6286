// How the sides of a gate are run, one after the other, each time in a process of its own.
#pragma once

#include <string>
#include <vector>

#include "harness/cli/child_process.h"
#include "harness/gate/rounds.h"

namespace cachegauge {

// What runs one side, once, or counts its instructions. In the command's words and environment
// `report` is the path at which it leaves its report.
struct GateArm {
  std::string name;  // "the baseline"
  ChildCommand command;
  std::string report;
};

// This program, with a `run` of one adapter; `flags` are those of `run`.
GateArm spec_arm(const std::string& name, const std::string& workload, const std::string& adapter,
                 const std::vector<std::string>& flags, const std::string& folder);

// A shell command of the user's, which finds the path of its report in $CACHEGAUGE_OUT, or in the
// place of {out}.
GateArm shell_arm(const std::string& name, const std::string& command, const std::string& tree,
                  const std::string& scratch);

// The report of what counts the instructions of a shell command of the user's (--count): one
// result, called "count".
MeasuredReport count_command(const std::string& name, const std::string& command,
                             const std::string& tree, uint64_t requests);

// Builds what the user compares. Throws Error::failed with the last words of a build that fails.
void build_side(const std::string& name, const std::string& command, const std::string& tree);

// The report of one run of it, which is empty if we were interrupted meanwhile. Throws
// Error::failed for a run that fails, takes longer than its time, or leaves no report, or none that
// can be read.
MeasuredReport run_arm(const GateArm& arm, size_t padding_bytes);

}  // namespace cachegauge
