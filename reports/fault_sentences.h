// What faults did to a run, in a sentence each.
#pragma once

#include <string>

#include "harness/core/report.h"

namespace cachegauge {

// "lru: stall (3.00 s to 4.00 s) …", a line for each fault of each cell's first repetition; empty
// without faults.
std::string fault_sentences(const RunReport& report);

}  // namespace cachegauge
