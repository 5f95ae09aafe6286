#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/core/workload.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

// Fills in the texts of some keys, given by their ids, which an interned trace does not keep: by
// reading the first million requests of the workload again. A key that is not among them stays
// without one.
void name_hottest(const Workload& workload, const InternedTrace& trace,
                  const std::vector<uint32_t>& ids, std::vector<HotKey>& keys);

}  // namespace cachegauge
