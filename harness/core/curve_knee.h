#pragma once

#include <cstdint>
#include <optional>

#include "harness/core/simulation_report.h"

namespace cachegauge {

// The size from which on a larger cache gains less than it did before: where the miss ratio over
// the logarithm of the size lies farthest below the straight line between the curve's ends
// (Satopää, Albrecht, Irwin, Raghavan, "Finding a 'Kneedle' in a haystack", ICDCSW 2011, without
// its smoothing and sensitivity: there is one knee). Null where no point lies below that line by a
// hundredth of what the curve falls.
std::optional<uint64_t> knee_of(const MissRatioCurve& curve);

}  // namespace cachegauge
