// The cache that does nothing: it answers at once, keeps nothing, and so shows what the harness
// itself costs.
#pragma once

#include <memory>

#include "harness/core/adapter.h"

namespace cachegauge {

std::unique_ptr<Adapter> make_null_adapter(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
