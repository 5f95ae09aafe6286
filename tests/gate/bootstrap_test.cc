#include "harness/gate/bootstrap.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

using Values = std::vector<double>;

Values normals(uint64_t seed, size_t count, double mean, double deviation) {
  SplitMix64 random(seed);
  Values values;
  for (size_t i = 0; i < count; ++i) values.push_back(mean + deviation * random.normal());
  return values;
}

TEST(Bootstrap, OfEqualValuesHasNoWidth) {
  const Values same(40, 2.5);
  for (const Estimate& e :
       {resample_median(same, 1, 1).bounds(0.025), bootstrap_mean(same, 0.025, 1)}) {
    EXPECT_EQ(e.value, 2.5);
    EXPECT_EQ(e.low, 2.5);
    EXPECT_EQ(e.high, 2.5);
  }
}

TEST(Bootstrap, MediansAreThoseOfOddAndEvenNumbers) {
  EXPECT_EQ(resample_median(Values{5, 1, 3}, 1, 1).bounds(0.025).value, 3);
  EXPECT_EQ(resample_median(Values{8, 1, 3, 4}, 1, 1).bounds(0.025).value, 3.5);
  EXPECT_EQ(resample_median(Values{7}, 1, 1).bounds(0.025).value, 7);
}

TEST(Bootstrap, WhatBelongsTogetherIsDrawnTogether) {
  const Values values = normals(3, 40, 10, 1);
  Values twice;
  for (double value : values) twice.insert(twice.end(), 2, value);
  const Estimate once = resample_median(values, 1, 9).bounds(0.025);
  const Estimate pairs = resample_median(twice, 2, 9).bounds(0.025);
  EXPECT_NEAR(pairs.low, once.low, 0.1);
  EXPECT_NEAR(pairs.high, once.high, 0.1);
  const Estimate apart = resample_median(twice, 1, 9).bounds(0.025);
  EXPECT_LT(apart.high - apart.low, 0.9 * (once.high - once.low));
}

TEST(Bootstrap, TheSameSeedGivesTheSameBounds) {
  const Values values = normals(3, 40, 10, 1);
  const Estimate a = resample_median(values, 1, 9).bounds(0.025),
                 b = resample_median(values, 1, 9).bounds(0.025);
  EXPECT_EQ(a.low, b.low);
  EXPECT_EQ(a.high, b.high);
  EXPECT_LT(a.low, a.value);
  EXPECT_GT(a.high, a.value);
}

#ifdef CACHEGAUGE_SANITIZED
constexpr int kExperiments = 100;
#else
constexpr int kExperiments = 300;
#endif

// Each bound misses one in ten, within three deviations.
TEST(Bootstrap, BoundsMissAsOftenAsTheySay) {
  int median_low = 0, median_high = 0, mean_low = 0, mean_high = 0;
  for (uint64_t seed = 1; seed <= uint64_t{kExperiments}; ++seed) {
    const Values values = normals(seed, 41, 10, 1);
    const Estimate median = resample_median(values, 1, seed).bounds(0.1);
    median_low += median.low > 10;
    median_high += median.high < 10;
    const Values few(values.begin(), values.begin() + 8);
    const Estimate mean = bootstrap_mean(few, 0.1, seed);
    mean_low += mean.low > 10;
    mean_high += mean.high < 10;
  }
  for (int misses : {median_low, median_high, mean_low, mean_high}) {
    EXPECT_NEAR(misses, 0.1 * kExperiments, 0.9 * std::sqrt(kExperiments));
  }
}

TEST(Bootstrap, AChangeIsRelativeToTheBaseline) {
  const Estimate change =
      bootstrap_mean_change(normals(1, 30, 100, 1), normals(2, 30, 110, 1), 0.025, 1);
  EXPECT_NEAR(change.value, 0.1, 0.01);
  EXPECT_GT(change.low, 0.08);
  EXPECT_LT(change.high, 0.12);
}

TEST(Bootstrap, AChangeFromZeroIsWithoutBound) {
  const Values zeros(6, 0.0), ones(6, 1.0);
  EXPECT_EQ(bootstrap_mean_change(zeros, zeros, 0.025, 1).value, 0);
  const Estimate change = bootstrap_mean_change(zeros, ones, 0.025, 1);
  EXPECT_EQ(change.low, std::numeric_limits<double>::infinity());
}

}  // namespace
}  // namespace cachegauge
