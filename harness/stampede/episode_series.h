// Records the series around episodes, told in the order of time: each begins at a moment that is
// its 0, and they are added up. What came shortly before a beginning that nobody knew of is kept
// until then, so that the series reaches back, too.
//
// Memory is bounded: by the number of buckets, which are of 10 ms or, where the series is long, as
// many times that as it takes; and of what is kept by kMostKept.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "harness/core/stampede_series.h"

namespace cachegauge {

class EpisodeSeries {
 public:
  static constexpr int64_t kIntervalNs = 10'000'000;
  static constexpr int64_t kMostBuckets = 500;
  static constexpr size_t kMostKept = 1 << 20;

  // How far it reaches before and after 0.
  EpisodeSeries(int64_t before_ns, int64_t after_ns);

  // The next episode begins, now or soon, and the one before has ended.
  void begin(int64_t zero_ns, int64_t now_ns);
  void started(int64_t intended_ns, int64_t now_ns);
  void answered(int64_t intended_ns, int64_t now_ns, Served served);
  void load_began(int64_t now_ns);
  void load_ended(int64_t now_ns);

  // Nothing is recorded after `now_ns`.
  StampedeSeries take(int64_t now_ns);

 private:
  struct Open {
    StampedeBucket bucket;
    OpenTimes times;
  };
  enum class What : uint8_t { kArrival, kAnswer };
  struct Kept {
    int64_t intended_ns;
    int64_t response_ns;
    What what;
    Served served;
  };

  // The bucket of a moment; null outside of the series.
  Open* at(int64_t time_ns);
  void add(const Kept& one);
  void keep(const Kept& one, int64_t now_ns);
  // What went on at the origin, up to now.
  void observe_until(int64_t now_ns);

  const int64_t interval_ns_;
  const int64_t before_ns_;  // a multiple of the interval
  const size_t bucket_count_;
  std::vector<Open> buckets_;  // empty before the first episode
  std::deque<Kept> kept_;
  int64_t kept_since_ns_ = INT64_MAX;
  int64_t zero_ns_ = 0;
  int64_t observed_until_ns_ = 0;
  uint64_t at_origin_ = 0;
};

}  // namespace cachegauge
