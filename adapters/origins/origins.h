// The origins that can be chosen with --origin.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "harness/core/adapter.h"

namespace cachegauge {

std::span<const OriginKind> origin_kinds();

// "sleep:latency=50ms", or a bare time: "50ms".
Spec parse_origin_spec(std::string_view text);

// Throws Error::usage.
std::unique_ptr<Origin> make_origin(const Spec& spec, uint64_t seed);

// An origin that answers each call after a constant latency, whatever the number of calls in
// flight.
std::unique_ptr<Origin> make_sleep_origin(const Spec& spec, uint64_t seed);

}  // namespace cachegauge
