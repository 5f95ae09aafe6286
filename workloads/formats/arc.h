// Disk traces of the ARC paper (Megiddo and Modha, "ARC: a self-tuning, low overhead replacement
// cache", FAST 2003), `.lis`: four integers a line, first block, count, 0 and sequence number. A
// row is `count` gets of consecutive blocks. They carry neither times nor sizes.
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_arc(const TraceSample& sample);
TraceOpener make_arc(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                     WorkloadTraits& traits);

}  // namespace cachegauge
