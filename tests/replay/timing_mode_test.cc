// Which requests are timed: counts of the histograms under each mode, in virtual and in real time,
// in process and over a network.
#include <gtest/gtest.h>

#include "harness/replay/cell.h"
#include "tests/support/delayed_adapter.h"
#include "tests/support/in_memory_workload.h"
#include "tests/support/scripted_adapter.h"

namespace cachegauge {
namespace {

constexpr uint64_t kRequests = 32'000;

class TimingModeTest : public ::testing::Test {
 protected:
  TimingModeTest() {
    in_process();
    plan.pattern = &pattern_kinds()[0];
  }
  void in_process() {
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<ScriptedAdapter>(script);
    };
  }
  void over_a_network() {
    plan.make_adapter = [this](const AdapterSettings&) {
      return std::make_unique<DelayedAdapter>(delays);
    };
  }
  RunResult run(TimingMode timing, bool virtual_time) {
    std::vector<uint64_t> keys;
    for (uint64_t i = 0; i < kRequests; ++i) keys.push_back(i % 100);
    const InMemoryWorkload workload = InMemoryWorkload::gets(keys);
    const WorkloadSummary summary = summarize_workload(workload, {});
    plan.workload = &workload;
    plan.summary = &summary;
    plan.driver.timing = timing;
    plan.driver.virtual_time = virtual_time;
    RunResult result = run_cell(plan, control, {});
    EXPECT_EQ(result.counters.gets, kRequests) << "whatever is timed, all are counted";
    return result;
  }
  void expect_a_sixteenth(uint64_t count) {
    EXPECT_GT(count, kRequests / 20);
    EXPECT_LT(count, kRequests / 13);
  }

  Script script;
  Delays delays;
  CellPlan plan;
  CellControl control;
};

TEST_F(TimingModeTest, OffTimesNothing) {
  for (bool virtual_time : {true, false}) {
    const RunResult result = run(TimingMode::kOff, virtual_time);
    for (int i = 0; i < kTimingCount; ++i) {
      EXPECT_TRUE(result.timings[i].empty()) << timing_name(static_cast<Timing>(i));
    }
  }
}

// No virtual time passes in an in-process command: a request that waited for nothing has the
// service time of the one that was timed before it.
TEST_F(TimingModeTest, SampledInVirtualTimeEveryRequestHasAResponseTime) {
  const RunResult result = run(TimingMode::kSampled, true);
  EXPECT_EQ(result.timing(Timing::kResponseGet).count(), kRequests);
  EXPECT_EQ(result.timing(Timing::kResponseGetMiss).count(), result.counters.misses);
  EXPECT_EQ(result.timing(Timing::kResponseGetHit).count(), result.counters.hits);
  expect_a_sixteenth(result.timing(Timing::kServiceGet).count());
}

TEST_F(TimingModeTest, SampledInRealTimeOneInSixteenHasOne) {
  const RunResult result = run(TimingMode::kSampled, false);
  expect_a_sixteenth(result.timing(Timing::kResponseGet).count());
  expect_a_sixteenth(result.timing(Timing::kServiceGet).count());
}

TEST_F(TimingModeTest, AllTimesAll) {
  for (bool virtual_time : {true, false}) {
    script.stored.clear();
    const RunResult result = run(TimingMode::kAll, virtual_time);
    EXPECT_EQ(result.timing(Timing::kResponseGet).count(), kRequests);
    EXPECT_EQ(result.timing(Timing::kServiceGet).count(), kRequests);
    EXPECT_EQ(result.timing(Timing::kServiceFill).count(), 100u);
  }
}

// Network sessions stamp in any case: there is nothing to be saved by sampling.
TEST_F(TimingModeTest, OverANetworkSampledIsAll) {
  over_a_network();
  for (TimingMode timing : {TimingMode::kSampled, TimingMode::kAll}) {
    const RunResult result = run(timing, true);
    EXPECT_EQ(result.timing(Timing::kResponseGet).count(), kRequests);
    EXPECT_EQ(result.timing(Timing::kServiceGet).count(), kRequests);
  }
  const RunResult off = run(TimingMode::kOff, true);
  EXPECT_TRUE(off.timing(Timing::kResponseGet).empty());
  EXPECT_TRUE(off.timing(Timing::kServiceGet).empty());
}

TEST_F(TimingModeTest, AnOpenLoopOfAnInProcessCacheTimesAll) {
  plan.driver.open = {.arrivals = Arrivals::kPoisson, .rate = 200'000};
  for (bool virtual_time : {true, false}) {
    const RunResult result = run(TimingMode::kAll, virtual_time);
    EXPECT_EQ(result.timing(Timing::kResponseGet).count(), kRequests);
    EXPECT_EQ(result.timing(Timing::kServiceGet).count(), kRequests);
    EXPECT_EQ(result.timing(Timing::kScheduleLag).count(), kRequests);
    EXPECT_TRUE(result.timing(Timing::kConnectionWait).empty()) << "there is no connection";
  }
}

}  // namespace
}  // namespace cachegauge
