#pragma once

#include <span>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Throws Error::usage for a parameter that is not in `known`, and for a dotted one: of workloads,
// only `value` is nested, and value_sizes.h checks its parts.
void check_params(const Spec& spec, std::span<const ParamInfo> known);

}  // namespace cachegauge
