#include "harness/core/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace cachegauge {
namespace {

void expect_summary(std::vector<double> values, double median, double low, double high,
                    bool is_interval) {
  const uint64_t n = values.size();
  const Summary s = summarize(std::move(values));
  EXPECT_EQ(s.median, median) << n;
  EXPECT_EQ(s.low, low) << n;
  EXPECT_EQ(s.high, high) << n;
  EXPECT_EQ(s.n, n);
  EXPECT_EQ(s.is_interval, is_interval) << n;
}

TEST(Statistics, UpToFiveValuesGiveTheirRange) {
  expect_summary({7}, 7, 7, 7, false);
  expect_summary({9, 5}, 7, 5, 9, false);
  expect_summary({3, 1, 2}, 2, 1, 3, false);
  expect_summary({4, 1, 3, 2}, 2.5, 1, 4, false);
  expect_summary({5, 4, 3, 2, 1}, 3, 1, 5, false);
}

std::vector<double> one_to(int n) {
  std::vector<double> values;
  for (int i = n; i >= 1; --i) values.push_back(i);
  return values;
}

// Ranks of the published tables for the 95 % interval of the median.
TEST(Statistics, FromSixOnAnInterval) {
  expect_summary(one_to(6), 3.5, 1, 6, true);
  expect_summary(one_to(8), 4.5, 1, 8, true);
  expect_summary(one_to(9), 5, 2, 8, true);
  expect_summary(one_to(12), 6.5, 3, 10, true);
  expect_summary(one_to(20), 10.5, 6, 15, true);
  expect_summary(one_to(100), 50.5, 40, 61, true);
}

TEST(Statistics, NothingIsNothing) { EXPECT_EQ(summarize(std::vector<double>()).n, 0u); }

TEST(StandardError, IsTheDeviationOverTheRootOfTheirNumber) {
  EXPECT_DOUBLE_EQ(standard_error({1, 2, 3, 4}), std::sqrt(5.0 / 3 / 4));
  EXPECT_DOUBLE_EQ(standard_error({7, 7}), 0);
}

}  // namespace
}  // namespace cachegauge
