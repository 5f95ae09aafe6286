// What LRU caches of all sizes would hit, from the stack distances of a trace or a sample of it. In
// bytes these hold from the largest object on (LruCurve::holds_from()). Below it some sizes are
// simulated where values differ in size; of a sample none are, as its caches, smaller by its rate,
// would turn away objects that the whole's take in.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/simulate/cache_size.h"
#include "harness/simulate/lru_curve.h"

namespace cachegauge {

class LruSizes {
 public:
  // `sample` holds a share `rate` of the keys of a trace with so many gets. Misses of the sample
  // are divided by the gets that it should have had, not by those that chance gave it: keys that
  // are asked for often are hits at all sizes, so it is hits that a sample with one of them more or
  // less is off by (the adjustment of the SHARDS paper, sampled_trace.h). `whole`: the trace of a
  // sample, and what its largest object takes; null: the sample is all. The traces must outlive it.
  LruSizes(const InternedTrace& sample, double rate, uint64_t gets, const std::atomic<bool>& stop,
           const InternedTrace* whole = nullptr, uint64_t largest_object_bytes = 0);

  bool exact() const { return exact_; }
  // Where values differ in size, sizes are bounds in bytes, and `objects` beside them is the least
  // bound in entries by which LRU hits as much; else it is the other way round.
  bool in_bytes() const { return in_bytes_; }
  // As `capacity=` charges it.
  uint64_t largest_object_bytes() const { return largest_object_bytes_; }
  // Of a cache without a limit.
  double best_hit_ratio() const { return by_objects_.empty() ? 0 : by_objects_.back().hit_ratio; }
  // Whether the sample tells what is hit at this size: from about the largest object on.
  bool can_tell(uint64_t bytes) const {
    return rate_ == 1 || (!by_bytes_.empty() && bytes >= by_bytes_.front().size);
  }
  // The smallest size with this hit ratio, or the best there is. Null if no size has hits.
  std::optional<SizePoint> size_for(double hit_ratio) const;
  // By a simulation of the whole trace, or of a sample by stack distances where it can tell.
  // Null without hits, or where the simulation was stopped.
  std::optional<SizePoint> size_of_bytes(uint64_t bytes, const std::atomic<bool>& stop) const;
  // About so many sizes, evenly spread by their logarithms.
  std::vector<SizePoint> curve(size_t count) const;
  // Unique objects between a get and the request before it of its key.
  std::optional<Spread> distances() const;

 private:
  struct Point {
    uint64_t size;
    double hit_ratio;
  };
  // The first with this hit ratio, else the last; there is one.
  static const Point& least(const std::vector<Point>& points, double hit_ratio);
  std::vector<Point> points_of(const LruCurve& curve) const;
  std::vector<Point> points_in_bytes(const LruCurve& curve, const std::atomic<bool>& stop) const;
  uint64_t least_size_of(const LruCurve& curve) const;
  std::vector<CacheSize> sizes_to_simulate() const;
  std::vector<Point> simulate(const std::vector<CacheSize>& sizes,
                              const std::atomic<bool>& stop) const;

  const InternedTrace& sample_;
  const InternedTrace& whole_;
  double rate_;
  double expected_gets_;
  bool exact_ = true;
  bool in_bytes_;
  uint64_t largest_object_bytes_;
  std::vector<Point> by_objects_, by_bytes_;  // sizes rise
  Histogram distances_;
};

}  // namespace cachegauge
