// The in-process caches: one row for each policy that can run online, and `null`.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "harness/core/adapter.h"

namespace cachegauge {

std::vector<AdapterKind> local_adapter_kinds();

// Throws Error::usage for the name of a policy that can not run online.
void refuse_offline_policy(std::string_view name);

// The rows of one part of the policy list, in its order; defined in a source of its own
// (local_adapter_part.h).
template <size_t kPart>
void add_local_adapters(std::vector<AdapterKind>& kinds);

}  // namespace cachegauge
