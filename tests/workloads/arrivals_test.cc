#include <gtest/gtest.h>

#include "tests/workloads/goodness_of_fit.h"
#include "tests/workloads/support.h"

namespace cachegauge::testing {
namespace {

std::vector<double> times(const std::string& params) {
  std::vector<double> times;
  for (const Row& row : read_all("sequential:keys=9,requests=100k," + params)) {
    times.push_back(static_cast<double>(row.time_ns));
  }
  return times;
}

std::vector<double> gaps(const std::vector<double>& times) {
  std::vector<double> gaps;
  for (size_t i = 1; i < times.size(); ++i) gaps.push_back(times[i] - times[i - 1]);
  return gaps;
}

TEST(Arrivals, WithoutARateThereAreNoTimes) {
  const auto workload = make("sequential:requests=2");
  EXPECT_FALSE(workload->traits().carries_time);
  EXPECT_EQ(read_all(*workload)[1].time_ns, Request::kNoTime);
}

TEST(Arrivals, ConstantGapsAreEqual) {
  const auto workload = make("sequential:requests=3,rate=1000,arrival=constant");
  EXPECT_TRUE(workload->traits().carries_time);
  const auto rows = read_all(*workload);
  EXPECT_EQ(rows[0].time_ns, 0);
  EXPECT_EQ(rows[1].time_ns, 1'000'000);
  EXPECT_EQ(rows[2].time_ns, 2'000'000);
}

TEST(Arrivals, PoissonGapsAreExponential) {
  EXPECT_LT(kolmogorov_smirnov(gaps(times("rate=1000")),
                               [](double gap) { return 1 - std::exp(-gap / 1e6); }),
            1.95);
}

// In an on time of 20 ms on average come 10,000 requests a second, and then none for 80 ms.
TEST(Arrivals, BurstsHaveTheirRateAndTheirPauses) {
  const auto at = times("rate=2000,arrival=onoff,arrival.on=20ms,arrival.off=80ms");
  EXPECT_EQ(at[0], 0);
  // About 500 on times: the total varies by some 6 %, from both kinds.
  EXPECT_NEAR(at.back() / 1e9, 50, 50 * 0.25);
  size_t pauses = 0;
  std::vector<double> within;
  for (const double gap : gaps(at)) {
    if (gap > 2e6) {
      ++pauses;
    } else {
      within.push_back(gap);
    }
  }
  // Pauses of less than 2 ms, 2.5 % of them, are not seen.
  EXPECT_NEAR(static_cast<double>(pauses), 490, 90);
  double sum = 0;
  for (const double gap : within) sum += gap;
  EXPECT_NEAR(sum / static_cast<double>(within.size()), 1e5, 2e3);
}

TEST(Arrivals, LeaveTheKeysAloneAndDoNotDependOnTheBatch) {
  const std::string spec = "zipf:keys=100,requests=5k,set=1,rate=100,arrival=onoff";
  auto rows = read_all(spec);
  EXPECT_EQ(read_all(spec, 7), rows);
  EXPECT_EQ(read_all(make(spec)->spec().text()), rows);
  for (Row& row : rows) row.time_ns = Request::kNoTime;
  EXPECT_EQ(read_all("zipf:keys=100,requests=5k,set=1"), rows);
}

TEST(Arrivals, ARateIsWrittenAsCountsAreOrAsAFraction) {
  EXPECT_EQ(times("rate=10k"), times("rate=10000"));
  EXPECT_EQ(times("rate=1.5k"), times("rate=1500"));
  EXPECT_EQ(times("rate=0.5").size(), times("rate=1").size());
}

TEST(Arrivals, BadParametersAreNamed) {
  EXPECT_EQ(error_of("zipf:arrival=poisson"), "zipf:arrival needs rate=");
  EXPECT_EQ(error_of("zipf:rate=0"),
            "zipf:rate: expected requests a second, enough for all in 100 years, got 0");
  EXPECT_EQ(error_of("zipf:requests=1M,rate=0.0001"),
            "zipf:rate: expected requests a second, enough for all in 100 years, got 0.0001");
  EXPECT_EQ(error_of("zipf:rate=5,arrival.on=1s"),
            "zipf:arrival.on: only arrival=onoff has parts, on and off");
  EXPECT_EQ(error_of("zipf:rate=5,arrival=onoff,arrival.on=0"),
            "zipf:arrival.on: expected more than 0");
  EXPECT_EQ(error_of("zipf:rate=1,arrival=onoff,arrival.on=1ns,arrival.off=1ns"),
            "zipf:arrival=onoff: arrival.on and arrival.off are together less than a hundredth of "
            "the mean gap of rate=1");
}

}  // namespace
}  // namespace cachegauge::testing
