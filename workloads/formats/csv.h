// Rows of columns: time, key, size, op, ttl, key_size and count, by name or number, of which only
// the key must be there. Empty lines are passed over. Block I/O written with SCSI codes is all
// gets.
#pragma once

#include <memory>
#include <span>

#include "workloads/formats/csv_layout.h"
#include "workloads/formats/trace_format.h"

namespace cachegauge {

std::span<const ParamInfo> csv_params();

Match match_csv(const TraceSample& sample);

// Reads up to 64k rows to learn whether the trace records sets: `--fills auto` rests on it.
TraceOpener make_csv(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                     WorkloadTraits& traits);

// The reader of a layout, for csv and its dialects; corrects the traits by the columns there are.
TraceOpener open_csv(const TraceOptions& options, std::shared_ptr<const CsvLayout> layout,
                     WorkloadTraits& traits);

}  // namespace cachegauge
