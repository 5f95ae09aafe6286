// A cache in virtual time that does what a server is meant to do and nothing else: it holds what it
// is given until its TTL is over, and each command takes effect half a round trip after it was
// sent; of which a restart leaves nothing. It stands for the caches of `stampede --simulate`.
#pragma once

#include <memory>

#include "harness/core/adapter.h"

namespace cachegauge {

// `like` says which commands it has; the round trip is a mean, of times drawn anew for each way of
// each command. Without a round trip it completes within submit().
std::unique_ptr<Adapter> make_model_cache(const Spec& spec, const Capabilities& like,
                                          int64_t round_trip_ns, uint64_t seed);

}  // namespace cachegauge
