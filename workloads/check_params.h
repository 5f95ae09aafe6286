#pragma once

#include <span>

#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Throws Error::usage for a parameter that is not in `known`, and for a dotted one whose first part
// has no parts: of workloads, `value`, `key` and `arrival` have some, which sizes.h and arrivals.h
// check.
void check_params(const Spec& spec, std::span<const ParamInfo> known);

}  // namespace cachegauge
