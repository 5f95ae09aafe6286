#include "harness/simulate/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/simulate/lru_curve.h"

namespace cachegauge {
namespace {

constexpr size_t kStackPoints = 200;
constexpr size_t kSimulatedPoints = 32;

bool goes_by_stack(const Spec& policy, const GridOptions& options) {
  return options.fills_misses && policy.kind() == "lru" && policy.params().empty();
}

MissRatioCurve stack_curve(const InternedTrace& trace, bool in_bytes, const GridOptions& options,
                           const std::atomic<bool>& stop) {
  const int64_t before = thread_cpu_ns();
  const LruCurve lru(trace, {.in_bytes = in_bytes, .warmup_requests = options.warmup_requests},
                     stop);
  return {.policy = "lru",
          .in_bytes = in_bytes,
          .method = "stack distances",
          .exact = lru.exact(),
          .gets = lru.gets(),
          .get_bytes = lru.get_bytes(),
          .points = lru.points(kStackPoints),
          .cpu_ns = thread_cpu_ns() - before};
}

std::vector<CacheSize> spread_sizes(const InternedTrace& trace, bool in_bytes) {
  const uint64_t keys = std::max<uint64_t>(1, trace.unique_keys());
  const uint64_t all = in_bytes ? trace.summary().footprint_bytes + keys * kItemChargeBytes : keys;
  const uint64_t least = in_bytes ? std::max<uint64_t>(1, all / keys) : 1;
  const double factor = std::pow(static_cast<double>(all) / static_cast<double>(least),
                                 1.0 / static_cast<double>(kSimulatedPoints - 1));
  std::vector<CacheSize> sizes;
  double size = static_cast<double>(least);
  for (size_t i = 0; i < kSimulatedPoints; ++i, size *= factor) {
    const double whole = i + 1 == kSimulatedPoints ? static_cast<double>(all) : std::round(size);
    if (!sizes.empty() && whole <= sizes.back().value) continue;
    sizes.push_back({.text = fmt::format("{:.0f}", whole),
                     .unit = in_bytes ? CacheSize::Unit::kBytes : CacheSize::Unit::kEntries,
                     .value = whole});
  }
  return sizes;
}

MissRatioCurve simulated_curve(const std::vector<SimulationResult>& results, const Spec& policy,
                               bool in_bytes) {
  MissRatioCurve curve = {
      .policy = policy.text(), .in_bytes = in_bytes, .method = "simulation", .points = {}};
  for (const SimulationResult& result : results) {
    if (result.policy != curve.policy) continue;
    curve.gets = result.counts.gets;
    curve.get_bytes = result.counts.get_bytes;
    curve.cpu_ns += result.cpu_ns;
    curve.points.push_back(
        {.size = (in_bytes ? result.capacity_bytes : result.capacity_objects).value(),
         .misses = result.counts.misses,
         .miss_bytes = result.counts.get_bytes - result.counts.hit_bytes});
  }
  return curve;
}

}  // namespace

void check_curve_policies(const std::vector<Spec>& policies) {
  check_policies(policies);
  for (const Spec& policy : policies) {
    if (needs_size({policy})) continue;
    throw Error::usage(fmt::format("{} has no limit, so no curve", policy.text()));
  }
}

std::vector<MissRatioCurve> miss_ratio_curves(const InternedTrace& trace,
                                              const std::vector<Spec>& policies, bool in_bytes,
                                              const GridOptions& options,
                                              const std::atomic<bool>& stop) {
  std::vector<Spec> simulated;
  for (const Spec& policy : policies) {
    if (!goes_by_stack(policy, options)) simulated.push_back(policy);
  }
  const std::vector<SimulationResult> results =
      simulate_grid(trace, simulated, spread_sizes(trace, in_bytes), options, stop);
  std::vector<MissRatioCurve> curves;
  for (const Spec& policy : policies) {
    if (stop) break;
    curves.push_back(goes_by_stack(policy, options) ? stack_curve(trace, in_bytes, options, stop)
                                                    : simulated_curve(results, policy, in_bytes));
  }
  if (stop && !curves.empty()) curves.pop_back();  // it may have been cut short
  return curves;
}

}  // namespace cachegauge
