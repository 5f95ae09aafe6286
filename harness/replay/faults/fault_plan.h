// Which faults can befall a cache and its origin, and how they are brought about.
#pragma once

#include <span>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/replay/faults/fault_clock.h"

namespace cachegauge {

// Throws Error::usage, with the reason and the remedy, for a fault that cannot be brought about.
// `origin` may be null.
std::vector<PlannedFault> plan_faults(std::span<const Fault> faults, Adapter& adapter,
                                      Origin* origin);

}  // namespace cachegauge
