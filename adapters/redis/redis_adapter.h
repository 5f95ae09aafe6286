// Redis, and servers that speak its protocol: a private one by bare name, or a running one.
#pragma once

#include "harness/core/adapter.h"

namespace cachegauge {

// Its row of the adapters' table; without hiredis, `make` is null and `not_built` says so.
AdapterKind redis_adapter_kind();

// Throws Error::usage for a spec that is wrong.
std::unique_ptr<Adapter> make_redis_adapter(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
