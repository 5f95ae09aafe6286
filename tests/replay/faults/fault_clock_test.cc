#include "harness/replay/faults/fault_clock.h"

#include <gtest/gtest.h>

#include "harness/core/error.h"
#include "harness/core/run_result.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

using enum FaultStretch;

FaultClock clock_of(const std::string& text) {
  std::vector<PlannedFault> planned;
  for (const Fault& fault : parse_faults(text)) planned.push_back({fault, FaultMeans::kServer});
  return FaultClock(std::move(planned));
}

TEST(Faults, AreJoinedByPlusAndBareNamesByCommas) {
  const std::vector<Fault> faults = parse_faults("stall:at=3s,for=500ms+flush,reset+full:to=25%");
  ASSERT_EQ(faults.size(), 4u);
  EXPECT_EQ(faults[0].at_ns, 3000 * kMs);
  EXPECT_EQ(faults[0].end_ns(), 3500 * kMs);
  EXPECT_EQ(faults[1].type, FaultType::kFlush);
  EXPECT_EQ(faults[2].for_ns, 0);
  EXPECT_EQ(faults[3].share, 0.25);
  EXPECT_EQ(faults_text(faults), "stall:at=3s,for=500ms+flush+reset+full:to=25%");
  EXPECT_EQ(parse_faults(faults_text(faults)).size(), 4u);
  EXPECT_THROW(parse_faults("flush+"), Error);
}

TEST(FaultClock, TellsBeforeDuringAndAfterOfEach) {
  FaultClock clock = clock_of("stall:at=5s+kill:at=2s,for=1s");
  EXPECT_EQ(clock.faults()[0].fault.type, FaultType::kKill);  // in order of their times
  constexpr int64_t kStart = 100;
  clock.begin(kStart);
  EXPECT_EQ(clock.stretch(1, kStart, kStart), std::nullopt);  // the kill is yet to come
  EXPECT_EQ(clock.stretch(0, kStart, kStart), kBefore);
  clock.began(0, kStart + 2000 * kMs);
  EXPECT_EQ(clock.stretch(0, kStart, kStart + 1), kBefore);
  EXPECT_EQ(clock.stretch(0, kStart, kStart + 2000 * kMs), kDuring);  // it was under way
  clock.ended(0, kStart + 3000 * kMs);
  EXPECT_EQ(clock.stretch(0, kStart + 3000 * kMs, kStart + 3001 * kMs), kAfter);
  EXPECT_EQ(clock.stretch(1, kStart + 2999 * kMs, kStart + 3001 * kMs), std::nullopt);
  EXPECT_EQ(clock.stretch(1, kStart + 3000 * kMs, kStart + 3001 * kMs), kBefore);
  clock.began(1, kStart + 5000 * kMs);
  EXPECT_EQ(clock.stretch(0, kStart + 5000 * kMs, kStart + 5000 * kMs), std::nullopt);
  EXPECT_EQ(clock.began_ns(0, 9000 * kMs), 2000 * kMs);
  EXPECT_EQ(clock.ended_ns(1, 9000 * kMs), std::nullopt);
  const std::array<int64_t, 3> kill = {2000 * kMs, 1000 * kMs, 2000 * kMs};
  const std::array<int64_t, 3> stall = {2000 * kMs, 4000 * kMs, 0};
  EXPECT_EQ(clock.durations_ns(0, 9000 * kMs), kill);
  EXPECT_EQ(clock.durations_ns(1, 9000 * kMs), stall);
  EXPECT_EQ(clock.began_ns(1, 4000 * kMs), std::nullopt);  // the interval was over before
}

TEST(FaultResult, SurvivesTheTextOfARunResultAndMerges) {
  RunResult result;
  result.virtual_ns = 7;
  result.cache_errors = {
      .fallbacks = 1, .stale_served = 2, .outdated_served = 3, .failed_requests = 4};
  FaultResult& fault = result.faults.emplace_back();
  fault.spec = "stall:at=1s,for=2s";
  fault.name = "stall";
  fault.means = FaultMeans::kProxy;
  fault.at_ns = 1000 * kMs;
  fault.began_ns = 1001 * kMs;
  OpenTimes times;
  times.record(5 * kMs);
  fault.windows[1] = {.requests = 3, .gets = 2, .hits = 1, .times = times.take()};
  const RunResult again = parse_run_result(serialize(result));
  EXPECT_EQ(again.faults, result.faults);
  EXPECT_EQ(again.cache_errors, result.cache_errors);
  EXPECT_EQ(again.virtual_ns, 7);
  result.merge(again);
  EXPECT_EQ(result.faults[0].windows[1].requests, 6u);
  EXPECT_EQ(result.cache_errors->failed_requests, 8u);
}

// Ten intervals of 100 ms; the fault lasts from 300 ms to 500 ms, and hits are back at 700 ms.
TEST(FaultRecovery, CountsFromTheEndOfTheFault) {
  Series series(100 * kMs);
  for (int i = 0; i < 12; ++i) {
    const bool bad = i >= 3 && i < 7;
    SeriesBucket bucket{.counts = {.requests = 10, .gets = 10, .hits = bad ? 2u : 10u}};
    OpenTimes times;
    times.record(i == 5 ? 90 * kMs : kMs);
    bucket.times = times.take();
    series.append(bucket);
  }
  FaultResult fault;
  fault.ended_ns = 500 * kMs;
  OpenTimes times;
  times.record(kMs);
  fault.windows[0] = {.requests = 30, .gets = 30, .hits = 30, .times = times.take()};
  const FaultRecovery recovery = fault_recovery(fault, series);
  EXPECT_EQ(recovery.hit_ratio_ns, 200 * kMs);
  EXPECT_EQ(recovery.p99_ns, 100 * kMs);
  fault.ended_ns = 1100 * kMs;  // one interval is left
  EXPECT_EQ(fault_recovery(fault, series).p99_ns, std::nullopt);
}

}  // namespace
}  // namespace cachegauge
