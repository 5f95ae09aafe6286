// The table of adapters, and how a spec becomes one.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "harness/core/adapter.h"

namespace cachegauge {

std::span<const AdapterKind> adapter_kinds();

// The row of that name. Throws Error::usage for an unknown one; of a policy that no cache can have,
// since it knows the future, the error says so.
const AdapterKind& require_adapter_kind(std::string_view name);

// Throws Error::usage for an unknown kind or parameter, a value that does not parse, or a kind that
// was not built.
std::unique_ptr<Adapter> make_adapter(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
