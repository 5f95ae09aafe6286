#include "harness/core/histogram.h"

#include <algorithm>
#include <cmath>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;

TEST(Histogram, BucketsCoverAllValuesWithoutGaps) {
  for (size_t i = 0; i < Histogram::kBuckets; ++i) {
    EXPECT_EQ(Histogram::bucket_of(Histogram::bucket_low(i)), i);
    EXPECT_EQ(Histogram::bucket_of(Histogram::bucket_high(i)), i);
    EXPECT_EQ(Histogram::bucket_low(i + 1), Histogram::bucket_high(i) + 1);
  }
  EXPECT_EQ(Histogram::bucket_high(Histogram::kBuckets - 1), Histogram::kHighest - 1);
}

TEST(Histogram, OneValueIsWithinOnePercentFromOneNanosecondToOneHour) {
  for (double x = 1; x <= static_cast<double>(kHour); x *= 1.001) {
    const auto value = static_cast<int64_t>(x);
    // Three values, so that neither the minimum nor the maximum gives the middle away.
    Histogram h;
    for (int64_t v : {int64_t{0}, value, Histogram::kHighest - 1}) h.record(v);
    const int64_t found = h.percentile(0.5);
    ASSERT_LE(std::abs(static_cast<double>(found - value)), 0.01 * static_cast<double>(value))
        << value;
  }
}

TEST(Histogram, PercentilesAreWithinOnePercentOfSortedValues) {
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    SplitMix64 random(seed);
    Histogram h;
    std::vector<int64_t> values;
    for (int i = 0; i < 10'000; ++i) {
      // Log-uniform from 1 ns to 1 h.
      const auto value = static_cast<int64_t>(std::exp(random.uniform() * std::log(3.6e12)));
      values.push_back(value);
      h.record(value);
    }
    std::sort(values.begin(), values.end());
    for (double q : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
      const auto rank = static_cast<size_t>(std::max(1.0, std::ceil(q * 10'000)));
      const auto exact = static_cast<double>(values[rank - 1]);
      EXPECT_NEAR(static_cast<double>(h.percentile(q)), exact, 0.01 * exact)
          << "seed " << seed << " q " << q;
    }
    EXPECT_EQ(h.min(), values.front());
    EXPECT_EQ(h.max(), values.back());
  }
}

TEST(Histogram, SmallValuesAreExact) {
  Histogram h;
  for (int64_t v = 0; v < 256; ++v) h.record(v);
  for (int64_t rank = 1; rank <= 256; ++rank) {
    EXPECT_EQ(h.percentile(static_cast<double>(rank) / 256), rank - 1);
  }
  EXPECT_DOUBLE_EQ(h.mean(), 127.5);
}

TEST(Histogram, ClampsWhatIsOutOfRange) {
  Histogram h;
  h.record(-5);
  h.record(INT64_MAX);
  EXPECT_EQ(h.min(), 0);
  EXPECT_EQ(h.max(), Histogram::kHighest - 1);
  EXPECT_EQ(h.count(), 2u);
}

TEST(Histogram, EmptyIsZero) {
  const Histogram h;
  EXPECT_TRUE(h.empty());
  EXPECT_EQ(h.percentile(0.99), 0);
  EXPECT_EQ(h.mean(), 0);
  EXPECT_EQ(h.min(), 0);
  EXPECT_EQ(h.max(), 0);
}

TEST(Histogram, MergingIsRecordingTogether) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SplitMix64 random(seed);
    Histogram all, a, b;
    for (int i = 0; i < 1000; ++i) {
      const auto value = static_cast<int64_t>(random.next() >> (20 + random.below(44)));
      all.record(value);
      (random.below(2) ? a : b).record(value);
    }
    a.merge(b);
    EXPECT_EQ(a, all) << "seed " << seed;
  }
  Histogram empty, one;
  one.record(5);
  empty.merge(one);
  EXPECT_EQ(empty, one);
  empty.merge(Histogram());
  EXPECT_EQ(empty, one);
}

TEST(Histogram, RestoreMakesTheSame) {
  Histogram h;
  for (int64_t v : {3, 3, 1000, 123'456'789}) h.record(v);
  EXPECT_EQ(Histogram::restore(h.bucket_counts(), h.min(), h.max(), h.sum()), h);
  EXPECT_TRUE(Histogram::restore({}, 0, 0, 0).empty());
  EXPECT_TRUE(Histogram::restore({0, 0}, 0, 0, 0).empty());
}

TEST(Histogram, RestoreRefusesPartsThatDisagree) {
  constexpr const char* kExtremes = "a histogram whose minimum and maximum do not fit its counts";
  EXPECT_ERROR(kFailed, kExtremes, Histogram::restore({0, 1, 0, 1}, 0, 3, 4));
  EXPECT_ERROR(kFailed, kExtremes, Histogram::restore({0, 1, 0, 1}, 1, 2, 4));
  EXPECT_ERROR(kFailed, kExtremes, Histogram::restore({0, 1, 0, 1}, -1, 3, 4));
  EXPECT_ERROR(kFailed, kExtremes, Histogram::restore({1}, 0, Histogram::kHighest, 0));
  constexpr const char* kSum = "a histogram whose sum does not fit its counts";
  EXPECT_ERROR(kFailed, kSum, Histogram::restore({0, 1, 0, 1}, 1, 3, 1));
  EXPECT_ERROR(kFailed, kSum, Histogram::restore({0, 1, 0, 1}, 1, 3, 7));
  EXPECT_ERROR(kFailed, "a histogram with too many buckets",
               Histogram::restore(std::vector<uint64_t>(Histogram::kBuckets + 1), 0, 0, 0));
  EXPECT_ERROR(kFailed, "a histogram whose counts are too large",
               Histogram::restore({UINT64_MAX, 1}, 0, 1, 1));
}

}  // namespace
}  // namespace cachegauge
