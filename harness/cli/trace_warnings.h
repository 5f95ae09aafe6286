// What a report must say of the trace that it is about, whatever command it is of.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/workload.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

// RequestSource::backward_times(), in words; `count` is above 0.
std::string backward_times_text(uint64_t count);

// Of a trace that was interned.
std::vector<std::string> trace_warnings(const Workload& workload, const TraceSummary& summary);

}  // namespace cachegauge
