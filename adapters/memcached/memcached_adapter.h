// memcached: a private server by bare name, a running one, or a pool of them.
#pragma once

#include "harness/core/adapter.h"

namespace cachegauge {

// Its row of the adapters' table; without libmemcached, `make` is null and `not_built` says so.
AdapterKind memcached_adapter_kind();

// Throws Error::usage for a spec that is wrong.
std::unique_ptr<Adapter> make_memcached_adapter(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
