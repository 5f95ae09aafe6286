// The schedule of an open loop: when requests are sent, whatever the server does.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "tests/replay/open_loop_fixture.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// Kolmogorov and Smirnov: the largest distance between the distribution of the values and
// Exp(mean), times the root of their number. Above 1.628 with a chance of 1 %.
double kolmogorov_smirnov(std::vector<double> values, double mean) {
  std::ranges::sort(values);
  const auto n = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double expected = 1 - std::exp(-values[i] / mean);
    distance = std::max({distance, expected - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - expected});
  }
  return distance * std::sqrt(n);
}

std::vector<double> gaps(const std::vector<int64_t>& times) {
  std::vector<double> gaps;
  for (size_t i = 1; i < times.size(); ++i) {
    gaps.push_back(static_cast<double>(times[i] - times[i - 1]));
  }
  return gaps;
}

TEST_F(OpenLoopTest, PoissonArrivalsAreExponentiallyApart) {
  for (double rate : {50.0, 20'000.0}) {
    for (uint64_t seed : {1, 42, 43}) {
      SCOPED_TRACE(testing::Message() << rate << "/s, seed " << seed);
      delays.seen.clear();
      open_loop(rate, 100);
      plan.driver.seed = seed;
      run(gets(20'000));
      const std::vector<double> apart = gaps(starts());
      ASSERT_EQ(apart.size(), 19'999u);
      EXPECT_LT(kolmogorov_smirnov(apart, 1e9 / rate), 1.628);
      EXPECT_GT(kolmogorov_smirnov(apart, 1.05e9 / rate), 1.628) << "of another rate they are not";
    }
  }
}

TEST_F(OpenLoopTest, ASeedIsASchedule) {
  open_loop(1000, 10);
  plan.driver.seed = 1;
  run(gets(100));
  const auto first = starts();
  delays.seen.clear();
  run(gets(100));
  EXPECT_EQ(starts(), first);
  delays.seen.clear();
  plan.driver.seed = 2;
  run(gets(100));
  EXPECT_NE(starts(), first);
}

TEST_F(OpenLoopTest, ConstantArrivalsAreEquallyApart) {
  open_loop(3000, 10, Arrivals::kConstant);
  const RunResult result = run(gets(9001));
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 9001u);
  // No error adds up: the last is where it belongs.
  for (size_t i = 0; i < times.size(); ++i) {
    ASSERT_EQ(times[i], std::llround(static_cast<double>(i) * 1e9 / 3000));
  }
  EXPECT_EQ(result.load.offered, 9001);
  EXPECT_EQ(result.load.schedule_span_ns, 3 * kSecond);
  EXPECT_EQ(result.load.sent_span_ns, 3 * kSecond);
}

// The schedule does not wait for a server that needs ten times as long.
TEST_F(OpenLoopTest, TheScheduleNeverWaits) {
  delays.delay_ns = [](int64_t) { return 10 * kMs; };
  open_loop(1000, 1, Arrivals::kConstant);
  const RunResult result = run(gets(400));
  EXPECT_EQ(result.timing(Timing::kScheduleLag).max(), 0);
  EXPECT_EQ(result.load.sent_span_ns, 399 * kMs);
  // Request i starts at i ms and is complete at 10 (i + 1) ms.
  EXPECT_EQ(result.timing(Timing::kResponseGet).min(), 10 * kMs);
  EXPECT_EQ(result.timing(Timing::kResponseGet).max(), (4000 - 399) * kMs);
  EXPECT_EQ(result.timing(Timing::kServiceGet).max(), 10 * kMs);
}

InMemoryWorkload trace(const std::vector<int64_t>& times_ms, int64_t ttl_ns = 0) {
  std::vector<Request> requests;
  requests.reserve(times_ms.size());
  for (int64_t time : times_ms) {
    requests.push_back(
        InMemoryWorkload::request(Op::kSet, requests.size(), 100, ttl_ns, time * kMs));
  }
  return InMemoryWorkload(std::move(requests));
}

TEST_F(OpenLoopTest, ATraceIsReplayedAtItsOwnTimes) {
  replay_trace(1, 10);
  const RunResult result = run(trace({5, 6, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 1 * kMs, 1 * kMs, 15 * kMs, 995 * kMs}))
      << "from its first request on";
  EXPECT_EQ(delays.seen[0].ttl_ns, 7 * kSecond);
  EXPECT_EQ(result.load.offered, 5);
  EXPECT_EQ(result.load.schedule_span_ns, 995 * kMs);
}

TEST_F(OpenLoopTest, TwiceTheSpeedIsHalfTheTimeAndHalfTheTtl) {
  replay_trace(2, 10);
  run(trace({0, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 3 * kMs, 10 * kMs, 500 * kMs}));
  for (const Delays::Seen& seen : delays.seen) EXPECT_EQ(seen.ttl_ns, 3500 * kMs);
  delays.seen.clear();
  replay_trace(0.5, 10);
  run(trace({0, 6, 20, 1000}, 7 * kSecond));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 12 * kMs, 40 * kMs, 2000 * kMs}));
  EXPECT_EQ(delays.seen[0].ttl_ns, 14 * kSecond);
}

TEST_F(OpenLoopTest, ATtlNeverShrinksToNone) {
  replay_trace(1e9, 10);
  run(trace({0, 1}, 5));
  EXPECT_EQ(delays.seen[0].ttl_ns, 1);
  delays.seen.clear();
  run(trace({0, 1}, 0));
  EXPECT_EQ(delays.seen[0].ttl_ns, 0) << "what does not expire still does not";
}

TEST_F(OpenLoopTest, TimesThatFallBackDoNotMakeArrivalsFall) {
  replay_trace(1, 10);
  run(trace({0, 5, 3, 4, 10}));
  EXPECT_EQ(starts(), (std::vector<int64_t>{0, 5 * kMs, 5 * kMs, 5 * kMs, 10 * kMs}));
}

TEST_F(OpenLoopTest, TheMeasuredPhaseHasAScheduleOfItsOwn) {
  delays.delay_ns = [](int64_t) { return 250 * kMs; };  // so that the warm-up ends late
  open_loop(1000, 1000, Arrivals::kConstant);
  plan.driver.warmup_requests = 100;
  const RunResult result = run(gets(500));
  EXPECT_EQ(result.counters.gets, 400u);
  EXPECT_EQ(result.load.offered, 400);
  EXPECT_EQ(result.load.schedule_span_ns, 399 * kMs);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), 400u);
  EXPECT_EQ(result.timing(Timing::kScheduleLag).count(), 400u);
  EXPECT_EQ(result.timing(Timing::kResponseGet).max(), 250 * kMs);
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 500u);
  EXPECT_EQ(times[99], 99 * kMs);
  const int64_t begin_ns = 99 * kMs + 250 * kMs;  // once the warm-up's last is answered
  for (int64_t i = 100; i < 500; ++i) {
    ASSERT_EQ(times[static_cast<size_t>(i)], begin_ns + (i - 100) * kMs);
  }
}

TEST_F(OpenLoopTest, ATraceIsReplayedOnAfterTheWarmup) {
  replay_trace(1, 10);
  plan.driver.warmup_requests = 2;
  run(trace({0, 10, 500, 507}));
  const std::vector<int64_t> times = starts();
  ASSERT_EQ(times.size(), 4u);
  EXPECT_EQ(times[1], 10 * kMs);
  EXPECT_LT(times[2], 20 * kMs) << "the first of the phase is at its beginning";
  EXPECT_EQ(times[3] - times[2], 7 * kMs);
}

TEST_F(OpenLoopTest, APreloadIsOnNoSchedule) {
  open_loop(1000, 10, Arrivals::kConstant);
  plan.driver.preload = true;
  const RunResult result = run(gets(3000));
  EXPECT_EQ(result.counters.gets, 3000u);
  EXPECT_EQ(result.counters.sets, 0u);
  EXPECT_EQ(result.load.schedule_span_ns, 2999 * kMs);
  ASSERT_EQ(delays.seen.size(), 4000u) << "1,000 keys";
  EXPECT_LT(delays.seen[999].at_ns, kMs);
}

}  // namespace
}  // namespace cachegauge
