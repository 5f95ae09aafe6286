#include "harness/profile/lru_sizes.h"

#include <algorithm>
#include <cmath>

#include "harness/simulate/grid.h"

namespace cachegauge {
namespace {

// Below the largest object: so many sizes, and fewer of a long trace.
constexpr uint64_t kSimulatedSizes = 32;
constexpr uint64_t kSimulatedRequests = uint64_t{kSimulatedSizes} * 500'000;

CacheSize size_in_bytes(double bytes) {
  return {.text = {}, .unit = CacheSize::Unit::kBytes, .value = bytes};
}

}  // namespace

LruSizes::LruSizes(const InternedTrace& sample, double rate, uint64_t gets,
                   const std::atomic<bool>& stop, const InternedTrace* whole,
                   uint64_t largest_object_bytes)
    : sample_(sample),
      whole_(whole ? *whole : sample),
      rate_(rate),
      expected_gets_(static_cast<double>(gets) * rate),
      in_bytes_(!whole_.equal_sizes()),
      largest_object_bytes_(largest_object_bytes) {
  const LruCurve objects(sample, {}, stop);
  exact_ = rate == 1 && objects.exact();
  by_objects_ = points_of(objects);
  const LruCurve bytes(sample, {.in_bytes = true}, stop);
  largest_object_bytes_ = std::max(largest_object_bytes_, bytes.holds_from());
  by_bytes_ = points_in_bytes(bytes, stop);
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

std::vector<LruSizes::Point> LruSizes::points_in_bytes(const LruCurve& curve,
                                                       const std::atomic<bool>& stop) const {
  std::vector<Point> points;
  const auto add = [&](const Point& point) {
    // A larger cache that takes in a large object may hit less.
    if (points.empty() || point.hit_ratio > points.back().hit_ratio) points.push_back(point);
  };
  for (const Point& point : simulate(sizes_to_simulate(), stop)) add(point);
  const uint64_t least = least_size_of(curve);
  const std::vector<Point> by_stack = points_of(curve);
  for (size_t i = 0; i < by_stack.size(); ++i) {
    // What smaller sizes gain is hit at the least that there is.
    if (i + 1 < by_stack.size() && by_stack[i + 1].size <= least) continue;
    add({std::max(by_stack[i].size, least), by_stack[i].hit_ratio});
  }
  return points;
}

// Of those that stack distances are known at, the first that the largest object fits in.
uint64_t LruSizes::least_size_of(const LruCurve& curve) const {
  for (size_t step = 0; step < curve.steps(); ++step) {
    const double size = static_cast<double>(curve.size_at(step)) / rate_;
    if (size >= static_cast<double>(largest_object_bytes_)) {
      return static_cast<uint64_t>(std::llround(size));
    }
  }
  return largest_object_bytes_;
}

std::vector<CacheSize> LruSizes::sizes_to_simulate() const {
  std::vector<CacheSize> sizes;
  if (!in_bytes_ || rate_ < 1) return sizes;
  uint64_t least = largest_object_bytes_;
  sample_.for_each_key([&](uint32_t id, const TraceChunk& chunk, uint32_t i) {
    const uint64_t bytes = sample_.key_size_bytes(id) + chunk.value_sizes[i] + kItemChargeBytes;
    least = std::min(least, bytes);
  });
  const uint64_t requests = std::max<uint64_t>(1, sample_.summary().requests);
  const uint64_t count = std::min(kSimulatedSizes, kSimulatedRequests / requests);
  const double factor = static_cast<double>(largest_object_bytes_) / static_cast<double>(least);
  for (uint64_t i = 0; i < count; ++i) {
    const double place = static_cast<double>(i) / static_cast<double>(count);
    const double bytes = std::floor(static_cast<double>(least) * std::pow(factor, place));
    if (sizes.empty() || bytes > sizes.back().value) sizes.push_back(size_in_bytes(bytes));
  }
  return sizes;
}

// Those with hits.
std::vector<LruSizes::Point> LruSizes::simulate(const std::vector<CacheSize>& sizes,
                                                const std::atomic<bool>& stop) const {
  std::vector<Point> points;
  for (const SimulationResult& result : simulate_grid(whole_, {Spec("lru")}, sizes, {}, stop)) {
    if (result.counts.hits == 0) continue;
    points.push_back({result.capacity_bytes.value(), hit_ratio(result.counts).value()});
  }
  return points;
}

const LruSizes::Point& LruSizes::least(const std::vector<Point>& points, double hit_ratio) {
  const auto at = std::lower_bound(points.begin(), points.end(), hit_ratio,
                                   [](const Point& p, double h) { return p.hit_ratio < h; });
  return at == points.end() ? points.back() : *at;
}

std::optional<SizePoint> LruSizes::size_for(double hit_ratio) const {
  if (by_objects_.empty() || by_bytes_.empty()) return std::nullopt;
  const Point chosen = least(in_bytes_ ? by_bytes_ : by_objects_, hit_ratio);
  const Point other = least(in_bytes_ ? by_objects_ : by_bytes_, chosen.hit_ratio);
  return SizePoint{.objects = (in_bytes_ ? other : chosen).size,
                   .bytes = (in_bytes_ ? chosen : other).size,
                   .hit_ratio = chosen.hit_ratio};
}

std::optional<SizePoint> LruSizes::size_of_bytes(uint64_t bytes,
                                                 const std::atomic<bool>& stop) const {
  double hit_ratio = 0;
  if (rate_ == 1 || !can_tell(bytes)) {
    const auto simulated = simulate({size_in_bytes(static_cast<double>(bytes))}, stop);
    if (!simulated.empty()) hit_ratio = simulated.front().hit_ratio;
  } else {
    const auto above = std::upper_bound(by_bytes_.begin(), by_bytes_.end(), bytes,
                                        [](uint64_t b, const Point& p) { return b < p.size; });
    hit_ratio = std::prev(above)->hit_ratio;
  }
  if (hit_ratio == 0 || by_objects_.empty()) return std::nullopt;
  return SizePoint{least(by_objects_, hit_ratio).size, bytes, hit_ratio};
}

std::vector<SizePoint> LruSizes::curve(size_t count) const {
  std::vector<SizePoint> curve;
  const std::vector<Point>& points = in_bytes_ ? by_bytes_ : by_objects_;
  if (points.empty()) return curve;
  const double first = std::log(static_cast<double>(points.front().size));
  const double last = std::log(static_cast<double>(points.back().size));
  const double stride = std::max((last - first) / static_cast<double>(count), 1e-9);
  double next = first;
  for (const Point& point : points) {
    const double place = std::log(static_cast<double>(point.size));
    if (place < next && &point != &points.back()) continue;
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
