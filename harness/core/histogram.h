// Counts of durations in log-linear buckets: values below 256 exactly, above that 128 buckets to
// each power of two, so a bucket is at most 1/128 = 0.8 % of its value wide. Merging adds. The
// layout is that of Tene's HdrHistogram with 2 significant digits (hdrhistogram.org, 2012), so its
// encodings need no conversion.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cachegauge {

class Histogram {
 public:
  static constexpr int64_t kHighest = int64_t{1} << 43;  // ns: 2.4 hours; larger is clamped

  // `times` values of this size. Values below 0 count as 0. 2-3 ns.
  void record(int64_t value, uint64_t times = 1) {
    if (value < 0) value = 0;
    if (value >= kHighest) value = kHighest - 1;
    const size_t index = bucket_of(value);
    if (index >= counts_.size()) counts_.resize(kBuckets);
    counts_[index] += times;
    count_ += times;
    sum_ += static_cast<unsigned __int128>(value) * times;
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }

  void merge(const Histogram& other);

  uint64_t count() const { return count_; }
  bool empty() const { return count_ == 0; }
  int64_t min() const { return count_ ? min_ : 0; }
  int64_t max() const { return count_ ? max_ : 0; }
  double mean() const;  // exact, from the sum; 0 when empty

  // The smallest recorded value v (to the bucket's midpoint, kept within min and max) with at least
  // q of the values at or below it; q in [0, 1]. 0 when empty.
  int64_t percentile(double q) const;

  // Buckets in order, for encoders; trailing zeros may be missing.
  const std::vector<uint64_t>& bucket_counts() const { return counts_; }
  static int64_t bucket_low(size_t index);
  static int64_t bucket_high(size_t index);  // inclusive

  static constexpr size_t bucket_of(int64_t value) {
    const uint64_t v = static_cast<uint64_t>(value);
    if (v < 256) return v;
    const int shift = 56 - __builtin_clzll(v);  // v >> shift is in [128, 256)
    return (static_cast<size_t>(shift) << 7) + (v >> shift);
  }
  static constexpr size_t kBuckets = (36 << 7) + 128;  // bucket_of(kHighest - 1) + 1

  // For RunResult's serialisation: the parts, and a histogram made of them. restore() throws
  // Error::failed when the parts do not agree.
  unsigned __int128 sum() const { return sum_; }
  static Histogram restore(std::vector<uint64_t> counts, int64_t min, int64_t max,
                           unsigned __int128 sum);

  bool operator==(const Histogram& other) const;

 private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  unsigned __int128 sum_ = 0;
  int64_t min_ = INT64_MAX;
  int64_t max_ = -1;
};

}  // namespace cachegauge
