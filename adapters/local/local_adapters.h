// The in-process caches: one row for each policy that can run online, and `null`.
#pragma once

#include <vector>

#include "harness/core/adapter.h"

namespace cachegauge {

std::vector<AdapterKind> local_adapter_kinds();

}  // namespace cachegauge
