#include "harness/profile/lru_sizes.h"

#include <algorithm>
#include <cmath>

namespace cachegauge {

LruSizes::LruSizes(const InternedTrace& sample, double rate, uint64_t gets,
                   const std::atomic<bool>& stop)
    : rate_(rate), expected_gets_(static_cast<double>(gets) * rate) {
  const LruCurve objects(sample, {}, stop);
  exact_ = rate == 1 && objects.exact();
  by_objects_ = points_of(objects);
  by_bytes_ = points_of(LruCurve(sample, {.in_bytes = true}, stop));
  for (size_t step = 1; step < objects.steps(); ++step) {
    if (objects.gained(step).gets == 0) continue;
    const double between = static_cast<double>(step - 1) / rate;
    distances_.record(std::llround(between), objects.gained(step).gets);
  }
}

std::vector<LruSizes::Point> LruSizes::points_of(const LruCurve& curve) const {
  std::vector<Point> points;
  uint64_t misses = curve.gets();
  for (size_t step = 0; step < curve.steps(); ++step) {
    if (curve.gained(step).gets == 0) continue;
    misses -= curve.gained(step).gets;
    const double size = static_cast<double>(curve.size_at(step)) / rate_;
    const double hit_ratio = 1 - static_cast<double>(misses) / expected_gets_;
    if (hit_ratio > 0) points.push_back({static_cast<uint64_t>(std::llround(size)), hit_ratio});
  }
  return points;
}

std::optional<SizePoint> LruSizes::size_for(double hit_ratio) const {
  if (by_objects_.empty()) return std::nullopt;
  const auto least = [&](const std::vector<Point>& points) {
    const auto at = std::lower_bound(points.begin(), points.end(), hit_ratio,
                                     [](const Point& p, double h) { return p.hit_ratio < h; });
    return at == points.end() ? points.back() : *at;
  };
  const Point objects = least(by_objects_);
  return SizePoint{objects.size, least(by_bytes_).size, objects.hit_ratio};
}

std::optional<SizePoint> LruSizes::size_of_bytes(uint64_t bytes) const {
  const auto above = std::upper_bound(by_bytes_.begin(), by_bytes_.end(), bytes,
                                      [](uint64_t b, const Point& p) { return b < p.size; });
  if (above == by_bytes_.begin()) return std::nullopt;
  const double hit_ratio = std::prev(above)->hit_ratio;
  const auto size = size_for(hit_ratio);
  if (!size) return std::nullopt;
  return SizePoint{size->objects, bytes, hit_ratio};
}

std::vector<SizePoint> LruSizes::curve(size_t count) const {
  std::vector<SizePoint> curve;
  if (by_objects_.empty()) return curve;
  const double first = std::log(static_cast<double>(by_objects_.front().size));
  const double last = std::log(static_cast<double>(by_objects_.back().size));
  const double stride = std::max((last - first) / static_cast<double>(count), 1e-9);
  double next = first;
  for (const Point& point : by_objects_) {
    const double place = std::log(static_cast<double>(point.size));
    if (place < next && &point != &by_objects_.back()) continue;
    curve.push_back(*size_for(point.hit_ratio));
    while (next <= place) next += stride;
  }
  return curve;
}

std::optional<Spread> LruSizes::distances() const {
  auto spread = spread_of(distances_);
  if (spread) {
    spread->count = static_cast<uint64_t>(std::llround(static_cast<double>(spread->count) / rate_));
  }
  return spread;
}

}  // namespace cachegauge
