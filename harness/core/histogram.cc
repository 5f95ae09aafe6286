#include "harness/core/histogram.h"

#include <algorithm>
#include <cmath>

#include "harness/core/error.h"

namespace cachegauge {

static_assert(Histogram::bucket_of(255) == 255 && Histogram::bucket_of(256) == 256 &&
              Histogram::bucket_of(257) == 256 && Histogram::bucket_of(511) == 383 &&
              Histogram::bucket_of(512) == 384);
static_assert(Histogram::bucket_of(Histogram::kHighest - 1) + 1 == Histogram::kBuckets);

int64_t Histogram::bucket_low(size_t index) {
  if (index < 256) return static_cast<int64_t>(index);
  const int shift = static_cast<int>(index >> 7) - 1;
  return static_cast<int64_t>(index - (static_cast<size_t>(shift) << 7)) << shift;
}

int64_t Histogram::bucket_high(size_t index) { return bucket_low(index + 1) - 1; }

void Histogram::merge(const Histogram& other) {
  if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
  for (size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

double Histogram::mean() const {
  return count_ ? static_cast<double>(sum_) / static_cast<double>(count_) : 0;
}

int64_t Histogram::percentile(double q) const {
  if (count_ == 0) return 0;
  const double exact = std::ceil(std::clamp(q, 0.0, 1.0) * static_cast<double>(count_));
  const uint64_t wanted = std::clamp<uint64_t>(static_cast<uint64_t>(exact), 1, count_);
  uint64_t seen = 0;
  for (size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen >= wanted) {
      const int64_t middle = bucket_low(i) + (bucket_high(i) - bucket_low(i)) / 2;
      return std::clamp(middle, min_, max_);
    }
  }
  return max_;
}

Histogram Histogram::restore(std::vector<uint64_t> counts, int64_t min, int64_t max,
                             unsigned __int128 sum) {
  Histogram histogram;
  if (counts.size() > kBuckets) throw Error::failed("a histogram with too many buckets");
  for (uint64_t count : counts) {
    if (__builtin_add_overflow(histogram.count_, count, &histogram.count_)) {
      throw Error::failed("a histogram whose counts are too large");
    }
  }
  while (!counts.empty() && counts.back() == 0) counts.pop_back();
  if (counts.empty()) return histogram;
  const auto first = std::find_if(counts.begin(), counts.end(), [](uint64_t n) { return n > 0; });
  if (min < 0 || max < min || max >= kHighest || bucket_of(max) != counts.size() - 1 ||
      bucket_of(min) != static_cast<size_t>(first - counts.begin())) {
    throw Error::failed("a histogram whose minimum and maximum do not fit its counts");
  }
  const unsigned __int128 count = histogram.count_;
  if (sum < count * static_cast<uint64_t>(min) || sum > count * static_cast<uint64_t>(max)) {
    throw Error::failed("a histogram whose sum does not fit its counts");
  }
  histogram.counts_ = std::move(counts);
  histogram.counts_.resize(kBuckets);
  histogram.sum_ = sum;
  histogram.min_ = min;
  histogram.max_ = max;
  return histogram;
}

bool Histogram::operator==(const Histogram& other) const {
  if (count_ != other.count_ || sum_ != other.sum_ || min() != other.min() || max() != other.max())
    return false;
  const size_t size = std::max(counts_.size(), other.counts_.size());
  for (size_t i = 0; i < size; ++i) {
    const uint64_t a = i < counts_.size() ? counts_[i] : 0;
    const uint64_t b = i < other.counts_.size() ? other.counts_[i] : 0;
    if (a != b) return false;
  }
  return true;
}

}  // namespace cachegauge
