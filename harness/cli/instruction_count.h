// How many instructions a program carries out, counted by valgrind's callgrind, which interprets
// it: the same number on each run of a build, however busy the machine is. Nethercote and Seward,
// "Valgrind: a framework for heavyweight dynamic binary instrumentation", 2007.
#pragma once

#include <cstdint>
#include <string>

#include "harness/cli/child_process.h"
#include "harness/cli/experiment.h"

namespace cachegauge {

struct PlannedCell;

// Requests over which instructions are counted, unless it is said: the mean of so many is within a
// few per mille of that of any other so many, and they take seconds.
inline constexpr uint64_t kCountedRequests = 20'000;

// Of the user's code, per request of a cell, over `requests` of them that follow as many others:
// the feed, the client and the cache, and nothing before or after. A workload that has fewer than
// twice as many is cut in halves.
//
// Throws Error::failed where there is no valgrind, or where it cannot run this build or the cell,
// and Error with kInterrupted if we are.
double count_cell_instructions(const Experiment& experiment, const PlannedCell& cell,
                               uint64_t requests);

// Empty: they can be counted; else why not, in words.
std::string why_not_counted(const PlannedCell& cell);

// Of a shell command and all that it starts: what it takes more for 2 x `requests` than for
// `requests`, each. It finds the number in $CACHEGAUGE_REQUESTS, or in the place of {requests}.
// Throws as above, naming `what` it is.
double count_command_instructions(const std::string& what, const std::string& command,
                                  const std::string& folder, uint64_t requests);

}  // namespace cachegauge
