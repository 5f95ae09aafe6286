// What the columns of a trace say by themselves, without regard to keys.
#pragma once

#include <optional>

#include "harness/core/profile_report.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

// Null for a trace whose requests all arrive at one moment. The counts are those of intervals of 1,
// 2 or 5 times a power of ten seconds: as many as there can be up to about a thousand, and none
// finer than the clock of the trace, which would see bursts where it only rounds. What is left at
// the end is not counted, unless it is all there is.
std::optional<Rate> rate_of(const InternedTrace& trace);

// Of all requests, and of those with a TTL.
Histogram value_sizes(const InternedTrace& trace);
Histogram ttls_ms(const InternedTrace& trace);

}  // namespace cachegauge
