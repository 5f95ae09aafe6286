#include "harness/core/curve_knee.h"

#include <cmath>

namespace cachegauge {

std::optional<uint64_t> knee_of(const MissRatioCurve& curve) {
  constexpr double kLeastBelow = 0.01;
  if (curve.points.size() < 3) return std::nullopt;
  const CurvePoint &first = curve.points.front(), &last = curve.points.back();
  const auto place = [](const CurvePoint& p) { return std::log(static_cast<double>(p.size)); };
  const double width = place(last) - place(first);
  const double fall = static_cast<double>(first.misses) - static_cast<double>(last.misses);
  if (width <= 0 || fall <= 0) return std::nullopt;
  std::optional<uint64_t> knee;
  double farthest = kLeastBelow;
  for (const CurvePoint& point : curve.points) {
    const double fallen =
        (static_cast<double>(first.misses) - static_cast<double>(point.misses)) / fall;
    const double below = fallen - (place(point) - place(first)) / width;
    if (below <= farthest) continue;
    farthest = below;
    knee = point.size;
  }
  return knee;
}

}  // namespace cachegauge
