// The table of adapters, and how a spec becomes one.
#pragma once

#include <memory>
#include <span>

#include "harness/core/adapter.h"

namespace cachegauge {

std::span<const AdapterKind> adapter_kinds();

// Throws Error::usage for an unknown kind or parameter, a value that does not parse, or a kind that
// was not built.
std::unique_ptr<Adapter> make_adapter(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
