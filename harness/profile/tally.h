// A histogram in the making, for loops that record something of each request: half of what
// Histogram::record() takes, since nothing is grown on the way, and nothing hangs on a guess
// whether a value is a small one. Not thread-safe.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "harness/core/histogram.h"

namespace cachegauge {

class Tally {
 public:
  // As Histogram::record(), of up to 2^20 values at once.
  void record(int64_t value, uint64_t times = 1) {
    value = std::clamp<int64_t>(value, 0, Histogram::kHighest - 1);
    counts_[bucket_of(value)] += times;
    wraps_ += __builtin_add_overflow(sum_, static_cast<uint64_t>(value) * times, &sum_);
    if (value < min_) min_ = value;
    if (value > max_) max_ = value;
  }
  Histogram histogram() const {
    const auto sum = (static_cast<unsigned __int128>(wraps_) << 64) + sum_;
    return max_ < 0 ? Histogram() : Histogram::restore(counts_, min_, max_, sum);
  }

 private:
  // As Histogram::bucket_of(): of a large value the exponent and the first seven bits behind the
  // point of the double that it is. To be made one takes less than to look for the highest bit on
  // processors that do so step by step. Values that are counted one by one are about as frequent as
  // others, so a branch would be wrong time and again; a choice of one or the other becomes one.
  static constexpr size_t bucket_of(int64_t value) {
    const auto exact = static_cast<double>(value);
    const size_t large = (std::bit_cast<uint64_t>(exact) >> 45) - kFirstLarge;
    const size_t is_small = size_t{0} - (value < 256);  // all bits, or none
    return (static_cast<size_t>(value) & is_small) | (large & ~is_small);
  }
  static constexpr size_t kFirstLarge = (size_t{1023 + 8} << 7) - 256;
  static_assert(Histogram::bucket_of(255) == 255);

  std::vector<uint64_t> counts_ = std::vector<uint64_t>(Histogram::kBuckets);
  uint64_t sum_ = 0, wraps_ = 0;  // it went past 2^64 so often
  int64_t min_ = INT64_MAX;
  int64_t max_ = -1;
};

}  // namespace cachegauge
