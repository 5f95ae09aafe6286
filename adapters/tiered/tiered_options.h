// What a spec of kind `tiered` says.
#pragma once

#include <cstdint>
#include <span>

#include "harness/core/adapter.h"

namespace cachegauge {

// How a first tier learns that a copy in it is out of date.
enum class Invalidation : uint8_t {
  kTtl,      // not at all: copies end with l1.ttl
  kMessage,  // who writes publishes the key, and the others drop it
  kNone,     // never, before the value's own TTL ends
};

struct TieredOptions {
  Spec l1, l2;            // without the parameters that are the tiers' own
  int64_t l1_ttl_ns = 0;  // at most, of a copy in the first tier; 0: for as long as the value lives
  bool l1_shared = false;  // one first tier for all clients of the process
  Invalidation invalidation = Invalidation::kTtl;
};

std::span<const ParamInfo> tiered_params();

// Throws Error::usage. Of the tiers' own specs it checks nothing.
TieredOptions parse_tiered_options(const Spec& spec);

}  // namespace cachegauge
