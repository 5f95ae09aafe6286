// Miss-ratio curves of policies over an interned trace.
#pragma once

#include <atomic>
#include <vector>

#include "harness/simulate/grid.h"

namespace cachegauge {

// Throws Error::usage for a policy without a limit: its curve is one point.
void check_curve_policies(const std::vector<Spec>& policies);

// One for each policy, in that order: of `lru` by stack distances where misses are filled, of
// others by a simulation of each of some sizes, which rise by an equal factor from the smallest
// that holds anything (of a sample: that holds some entries of each of its parts) to all there is.
// `in_bytes`: as `capacity=` counts them. With `sizes_of`, curves of the same policies, each has
// the sizes of its own there. Those that did not end when `stop` became true are left out.
std::vector<MissRatioCurve> miss_ratio_curves(
    const InternedTrace& trace, const std::vector<Spec>& policies, bool in_bytes,
    const GridOptions& options, const std::atomic<bool>& stop,
    const std::vector<MissRatioCurve>* sizes_of = nullptr);

}  // namespace cachegauge
