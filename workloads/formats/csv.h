// Rows of columns: time, key, size, op, ttl and key_size, by name or number, of which only the key
// must be there. Empty lines are passed over. Block I/O written with SCSI codes is all gets.
#pragma once

#include <span>

#include "workloads/formats/trace_format.h"

namespace cachegauge {

std::span<const ParamInfo> csv_params();

Match match_csv(const TraceSample& sample);

// Reads up to 64k rows to learn whether the trace records sets: `--fills auto` rests on it.
TraceOpener make_csv(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                     WorkloadTraits& traits);

}  // namespace cachegauge
