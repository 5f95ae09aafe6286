// A stampede in virtual time, on a cache that answers at once: a thousand requests a second, an
// origin that takes 50 ms, a TTL of a second.
#pragma once

#include <atomic>
#include <string>

#include "adapters/origins/origins.h"
#include "harness/stampede/model_cache.h"
#include "harness/stampede/stampede.h"
#include "tests/support/sanitized.h"
#include "tests/support/time_units.h"

namespace cachegauge {

inline constexpr double kRate = 1000, kLatencyS = 0.05;
inline constexpr uint64_t kEpisodes = kSanitized ? 60 : 200;

inline Capabilities all_commands() {
  return {.commands = kBasicCommands | command_bit(CommandKind::kCompareAndDelete) |
                      command_bit(CommandKind::kLease)};
}

inline StampedePlan plan_of(const std::string& guard, const std::string& origin = "50ms") {
  StampedePlan plan;
  plan.make_adapter = [](const AdapterSettings&) {
    return make_model_cache(Spec("model"), all_commands(), 0, 42);
  };
  plan.make_origin = [origin] { return make_origin(parse_origin_spec(origin), 42); };
  plan.guard = parse_guard(guard);
  plan.load.rate = kRate;
  plan.ttl_ns = 1000 * kMs;
  plan.origin_ns = 50 * kMs;
  plan.episodes = kEpisodes;
  plan.virtual_time = true;
  plan.limit_ns = int64_t{1'000'000} * 1'000'000'000;
  return plan;
}

inline StampedeResult run(const StampedePlan& plan) {
  const std::atomic<bool> stop{false};
  return run_stampede(plan, stop);
}

inline double mean_calls(const StampedeResult& result) {
  return origin_calls_per_episode(result.counts)->mean;
}

}  // namespace cachegauge
