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
std::unique_ptr<Origin> make_origin(const Spec& spec, const OriginSettings& settings);
// Of one that is simulated, where nothing but its draws matters.
std::unique_ptr<Origin> make_origin(const Spec& spec, uint64_t seed);

// Throws Error::usage for a real origin: `why` says what `command` needs of one.
void require_simulated_origin(const Spec& spec, std::string_view command, std::string_view why);

// An origin of `capacity` servers that all sessions share, with one queue in front of them, first
// come first served. Each call takes a server for a time that is drawn from a distribution whose
// mean is `latency`; a share of the calls then fails with Outcome::kError. A call's service time
// includes its wait in the queue. The draws of a session depend on `seed` and its client's number
// alone.
std::unique_ptr<Origin> make_sleep_origin(const Spec& spec, const OriginSettings& settings);

// An origin of `capacity` servers that divide their speed among the calls under way, as a database
// does whose queries compete for its processors: n calls are served at min(1, capacity / n) each.
// For one thread.
std::unique_ptr<Origin> make_shared_origin(const Spec& spec, const OriginSettings& settings);

}  // namespace cachegauge
