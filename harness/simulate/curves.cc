#include "harness/simulate/curves.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/simulate/key_sample.h"
#include "harness/simulate/lru_curve.h"

namespace cachegauge {
namespace {

constexpr size_t kStackPoints = 200;
constexpr size_t kSimulatedPoints = 32;

bool goes_by_stack(const Spec& policy, const GridOptions& options) {
  return options.fills_misses && policy.kind() == "lru" && policy.params().empty();
}

// `points`: those whose sizes it shall have; null: its own.
MissRatioCurve stack_curve(const InternedTrace& trace, bool in_bytes, const GridOptions& options,
                           const std::atomic<bool>& stop, const std::vector<CurvePoint>* points) {
  const int64_t before = thread_cpu_ns();
  const LruCurve lru(trace, {.in_bytes = in_bytes, .warmup_requests = options.warmup_requests},
                     stop);
  return {.policy = "lru",
          .in_bytes = in_bytes,
          .method = "stack distances",
          .exact = lru.exact(),
          .holds_from = lru.holds_from(),
          .gets = lru.gets(),
          .get_bytes = lru.get_bytes(),
          .points = points ? lru.points_at(*points, options.sample_rate)
                           : lru.points(kStackPoints, options.sample_rate),
          .cpu_ns = thread_cpu_ns() - before};
}

// Whole numbers, whose texts they are.
CacheSize plain_size(double value, bool in_bytes) {
  return {.text = fmt::format("{:.0f}", value),
          .unit = in_bytes ? CacheSize::Unit::kBytes : CacheSize::Unit::kEntries,
          .value = value};
}

std::vector<CacheSize> spread_sizes(const InternedTrace& trace, bool in_bytes, double sample_rate) {
  const uint64_t keys = std::max<uint64_t>(1, trace.unique_keys());
  const uint64_t held = in_bytes ? trace.summary().footprint_bytes + keys * kItemChargeBytes : keys;
  const uint64_t entry = in_bytes ? std::max<uint64_t>(1, held / keys) : 1;
  const double all = std::round(static_cast<double>(held) / sample_rate);
  const double entries = sample_rate < 1 ? KeySample::kParts / sample_rate : 1;
  const double least = std::min(all, std::round(static_cast<double>(entry) * entries));
  const double factor = std::pow(all / least, 1.0 / static_cast<double>(kSimulatedPoints - 1));
  std::vector<CacheSize> sizes;
  double size = least;
  for (size_t i = 0; i < kSimulatedPoints; ++i, size *= factor) {
    const double whole = i + 1 == kSimulatedPoints ? all : std::round(size);
    if (!sizes.empty() && whole <= sizes.back().value) continue;
    sizes.push_back(plain_size(whole, in_bytes));
  }
  return sizes;
}

std::vector<CacheSize> sizes_of_points(const MissRatioCurve& curve) {
  std::vector<CacheSize> sizes;
  for (const CurvePoint& point : curve.points) {
    sizes.push_back(plain_size(static_cast<double>(point.size), curve.in_bytes));
  }
  return sizes;
}

MissRatioCurve simulated_curve(const std::vector<SimulationResult>& results, const Spec& policy,
                               bool in_bytes) {
  MissRatioCurve curve = {
      .policy = policy.text(), .in_bytes = in_bytes, .method = "simulation", .points = {}};
  for (const SimulationResult& result : results) {
    if (result.policy != curve.policy) continue;
    // Hits have the sizes of what is held, which each size may have from another request.
    curve.exact &= curve.points.empty() || curve.get_bytes == result.counts.get_bytes;
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
                                              const std::atomic<bool>& stop,
                                              const std::vector<MissRatioCurve>* sizes_of) {
  std::vector<Spec> simulated;
  std::vector<CacheSize> sizes = spread_sizes(trace, in_bytes, options.sample_rate);
  for (size_t i = 0; i < policies.size(); ++i) {
    if (goes_by_stack(policies[i], options)) continue;
    simulated.push_back(policies[i]);
    if (sizes_of) sizes = sizes_of_points((*sizes_of)[i]);  // all that are simulated share them
  }
  const std::vector<SimulationResult> results =
      simulate_grid(trace, simulated, sizes, options, stop);
  std::vector<MissRatioCurve> curves;
  for (size_t i = 0; i < policies.size() && !stop; ++i) {
    curves.push_back(goes_by_stack(policies[i], options)
                         ? stack_curve(trace, in_bytes, options, stop,
                                       sizes_of ? &(*sizes_of)[i].points : nullptr)
                         : simulated_curve(results, policies[i], in_bytes));
  }
  if (stop && !curves.empty()) curves.pop_back();  // it may have been cut short
  return curves;
}

}  // namespace cachegauge
