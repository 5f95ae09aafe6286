// What LRU caches of all sizes would hit, from the stack distances of a trace or a sample of it.
#pragma once

#include <atomic>
#include <optional>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/simulate/lru_curve.h"

namespace cachegauge {

class LruSizes {
 public:
  // `sample` holds a share `rate` of the keys of a trace with so many gets. Misses of the sample
  // are divided by the gets that it should have had, not by those that chance gave it: keys that
  // are asked for often are hits at all sizes, so it is hits that a sample with one of them more or
  // less is off by (the adjustment of the SHARDS paper, sampled_trace.h).
  LruSizes(const InternedTrace& sample, double rate, uint64_t gets, const std::atomic<bool>& stop);

  bool exact() const { return exact_; }
  // Of a cache without a limit.
  double best_hit_ratio() const { return by_objects_.empty() ? 0 : by_objects_.back().hit_ratio; }
  // The smallest size with this hit ratio, or the best there is. Null if no size has hits.
  std::optional<SizePoint> size_for(double hit_ratio) const;
  std::optional<SizePoint> size_of_bytes(uint64_t bytes) const;
  // About so many sizes, evenly spread by their logarithms.
  std::vector<SizePoint> curve(size_t count) const;
  // Unique objects between a get and the request before it of its key.
  std::optional<Spread> distances() const;

 private:
  struct Point {
    uint64_t size;
    double hit_ratio;
  };
  std::vector<Point> points_of(const LruCurve& curve) const;

  double rate_;
  double expected_gets_;
  bool exact_ = true;
  std::vector<Point> by_objects_, by_bytes_;  // sizes rise
  Histogram distances_;
};

}  // namespace cachegauge
