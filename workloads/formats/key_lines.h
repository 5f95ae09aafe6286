// Traces of one key a line.
//
// `keys`: the line is the key, whatever is in it. `lirs`: an integer a line, and lines of "*",
// which mark a breakpoint and are passed over (the traces of Jiang and Zhang, "LIRS", SIGMETRICS
// 2002). Empty lines are passed over in both. Where all lines are integers the two give the same
// requests.
#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

Match match_keys(const TraceSample& sample);
TraceOpener make_keys(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                      WorkloadTraits& traits);

Match match_lirs(const TraceSample& sample);
TraceOpener make_lirs(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                      WorkloadTraits& traits);

}  // namespace cachegauge
