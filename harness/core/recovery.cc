#include "harness/core/recovery.h"

#include <algorithm>

namespace cachegauge {
namespace {

template <class Holds>
std::optional<size_t> settles(std::span<const RecoveryPoint> points, Holds holds) {
  constexpr size_t kOnEnd = 5;
  size_t holding = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    holding = holds(points[i]) ? holding + 1 : 0;
    if (holding == kOnEnd) return i + 1 - kOnEnd;
  }
  return std::nullopt;
}

}  // namespace

RecoveryIndices settled(std::span<const RecoveryPoint> points, const RecoveryPoint& baseline) {
  constexpr double kHitRatioOff = 0.01;
  constexpr int64_t kTimesP99 = 2, kP99OffNs = 1'000'000;
  RecoveryIndices indices;
  if (baseline.hit_ratio) {
    const double least = *baseline.hit_ratio - kHitRatioOff;
    indices.hit_ratio = settles(points, [least](const RecoveryPoint& point) {
      return !point.hit_ratio || *point.hit_ratio >= least;
    });
  }
  if (baseline.p99_ns) {
    const int64_t most_ns = std::max(kTimesP99 * *baseline.p99_ns, *baseline.p99_ns + kP99OffNs);
    indices.p99 = settles(points, [most_ns](const RecoveryPoint& point) {
      return !point.p99_ns || *point.p99_ns <= most_ns;
    });
  }
  return indices;
}

}  // namespace cachegauge
