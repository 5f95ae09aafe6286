// How a run went over time: counts, response times and the backend's memory in buckets of one
// interval, counted from the start of the measured interval in real time. A run that outlives
// kMaxBuckets of them has neighbours merged and the interval doubled, so a week takes no more
// memory than a minute, and the sum over the buckets stays that of the run.
//
// Not thread-safe: each thread fills one of its own, and they merge.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace cachegauge {

// Response times in log-linear slots: exact below 32 ns, above that 16 slots to each power of two.
// A percentile is the midpoint of its slot and so within 1/32 = 3.2 % of the value. Histogram
// (histogram.h) is finer and 7 times the size; a series has one of these for each bucket.
struct CoarseTimes {
  static constexpr int64_t kHighest = int64_t{1} << 43;  // ns: 2.4 hours; larger is clamped
  static constexpr uint32_t kSlots = (38 << 4) + 32;     // slot_of(kHighest - 1) + 1
  static constexpr uint64_t kMostCounted = (uint64_t{1} << 54) - 1;

  static constexpr uint32_t slot_of(int64_t ns) {
    if (ns < 32) return ns < 0 ? 0 : static_cast<uint32_t>(ns);
    const auto v = static_cast<uint64_t>(ns < kHighest ? ns : kHighest - 1);
    const int shift = 59 - __builtin_clzll(v);  // v >> shift is in [16, 32)
    return (static_cast<uint32_t>(shift) << 4) + static_cast<uint32_t>(v >> shift);
  }
  static int64_t slot_midpoint(uint32_t slot);

  struct Slot {
    uint64_t index : 10;
    uint64_t count : 54;
    bool operator==(const Slot&) const = default;
  };
  std::vector<Slot> slots;  // those that are not empty, in order

  void merge(const CoarseTimes& other);
  uint64_t count() const;
  // The midpoint of the first slot with at least q of the values at or below it; null when empty.
  std::optional<int64_t> percentile(double q) const;
  bool operator==(const CoarseTimes&) const = default;
};

// CoarseTimes while they are recorded. 1 ns.
class OpenTimes {
 public:
  void record(int64_t ns) {
    ++counts_[CoarseTimes::slot_of(ns)];
    empty_ = false;
  }
  // What was recorded since the last take().
  CoarseTimes take();

 private:
  std::array<uint64_t, CoarseTimes::kSlots> counts_{};
  bool empty_ = true;
};

struct SeriesCounts {
  uint64_t requests = 0;
  uint64_t gets = 0, hits = 0, misses = 0;
  uint64_t errors = 0;  // failed commands of any kind, timeouts included

  SeriesCounts& operator+=(const SeriesCounts& other);
  SeriesCounts operator-(const SeriesCounts& other) const;
  bool operator==(const SeriesCounts&) const = default;
};

// What the backend said of its memory within a bucket, last.
struct MemorySample {
  bool taken = false;
  std::optional<uint64_t> bytes_used;  // null if it was asked and did not say
  bool operator==(const MemorySample&) const = default;
};

struct SeriesBucket {
  SeriesCounts counts;
  CoarseTimes times;
  MemorySample memory;
  bool operator==(const SeriesBucket&) const = default;
};

class Series {
 public:
  static constexpr size_t kMaxBuckets = 512;
  static constexpr int64_t kLongestIntervalNs = INT64_MAX / int64_t{4 * kMaxBuckets};

  // An interval of 0 is that of a series that was not taken: it has no buckets.
  explicit Series(int64_t interval_ns = 0) : interval_ns_(interval_ns) {}

  int64_t interval_ns() const { return interval_ns_; }
  std::optional<double> interval_s() const {  // null for a series that was not taken
    if (interval_ns_ == 0) return std::nullopt;
    return static_cast<double>(interval_ns_) / 1e9;
  }
  // Bucket i holds what happened in (i × interval, (i + 1) × interval]. The last may be open-ended:
  // the measured interval ends in it.
  const std::vector<SeriesBucket>& buckets() const { return buckets_; }
  SeriesCounts total() const;

  // The bucket that `t_ns` lies in, made (with those before it) if it was not there; the interval
  // doubles as often as that takes. Valid until the next call. The series must have an interval.
  SeriesBucket& at(int64_t t_ns);
  // Where that bucket ends.
  int64_t end_of(int64_t t_ns) const {
    return (t_ns <= 0 ? 1 : (t_ns - 1) / interval_ns_ + 1) * interval_ns_;
  }

  // Adds what another thread or process saw over the same time. The finer of the two is coarsened
  // to the other's interval: exact where one is a multiple of the other, as it is between series
  // that began with the same; else a bucket goes where it ends. Of two memory samples in one bucket
  // the first known is kept.
  void merge(const Series& other);

  bool operator==(const Series&) const = default;

  // For a reader of RunResult's text: the next bucket. Throws Error::failed for one too many.
  void append(SeriesBucket bucket);

 private:
  void coarsen(int64_t interval_ns);

  int64_t interval_ns_;
  std::vector<SeriesBucket> buckets_;
};

// Derived from a bucket. Null where there is nothing to divide by, or it is not known.
struct SeriesPoint {
  double t_s = 0;  // the end of the bucket
  SeriesCounts counts;
  std::optional<double> throughput_rps;
  std::optional<double> hit_ratio;
  std::optional<int64_t> p99_ns;       // of the response times, whatever the op
  std::optional<uint64_t> bytes_used;  // by the latest sample until t_s; null if that one failed
};

// The points of a series over a measured interval of `duration_ns`, in which its last bucket ends.
std::vector<SeriesPoint> series_points(const Series& series, int64_t duration_ns);

}  // namespace cachegauge
