// When something is as it was: from when on the points of a series hold to a baseline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace cachegauge {

// One interval of a series. Null: nothing was asked in it, which is no worse than the baseline.
struct RecoveryPoint {
  std::optional<double> hit_ratio;
  std::optional<int64_t> p99_ns;
};

// The first of the points from which on five on end hold: a hit ratio no more than a hundredth
// below the baseline; a p99 of no more than twice the baseline, or a millisecond above it. Null:
// there is none, or no baseline.
struct RecoveryIndices {
  std::optional<size_t> hit_ratio, p99;
};
RecoveryIndices settled(std::span<const RecoveryPoint> points, const RecoveryPoint& baseline);

}  // namespace cachegauge
