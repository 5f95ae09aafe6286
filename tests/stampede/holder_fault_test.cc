// What becomes of a key when those who make its value die, pause or fail, in virtual time.
#include "harness/replay/guards/holder_fault.h"

#include <gtest/gtest.h>

#include <string>

#include "harness/core/stampede_figures.h"
#include "harness/stampede/theory.h"
#include "tests/stampede/simulated.h"

namespace cachegauge {
namespace {

StampedePlan faulty_plan(const std::string& guard, const std::string& fault) {
  StampedePlan plan = plan_of(guard);
  plan.fault = parse_fault(fault, make_guard(plan.guard).lock_ttl_ns(), 5000 * kMs);
  plan.load.rate = 200;  // many more would wait in vain, and look again and again
  plan.episodes = kSanitized ? 10 : 50;
  return plan;
}

TEST(Faults, DeadHoldersAreWaitedForUntilTheirLocksEnd) {
  for (const std::string guard : {"token-lock", "add-lock", "lease", "redlock"}) {
    for (const uint32_t dead : {0u, 1u, 3u}) {
      SCOPED_TRACE(guard + " " + std::to_string(dead));
      StampedePlan plan = faulty_plan(guard + ":ttl=200ms,poll=5ms", "dies-before");
      plan.fault->times = dead;
      const StampedeResult result = run(plan);
      const uint64_t episodes = result.counts.episodes.size();
      EXPECT_EQ(episodes, plan.episodes);
      const double expected = dead_holders_window_s(dead, 0.2, kLatencyS);
      EXPECT_NEAR(*mean_window_ns(result.counts) / 1e9, expected, 0.005);
      EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
      EXPECT_EQ(result.counts.faults, dead * episodes);
      EXPECT_EQ(result.counts.served[Served::kFailed], dead * episodes);
      EXPECT_EQ(result.counts.double_holders, 0u);  // the dead hold nothing
    }
  }
}

TEST(Faults, WhoDiesWithTheAnswerHasCalledInVain) {
  const StampedeResult result =
      run(faulty_plan("token-lock:ttl=200ms,poll=5ms", "dies-after:times=2"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->least, 3u);
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 3u);
  EXPECT_NEAR(*mean_window_ns(result.counts) / 1e9, dead_holders_window_s(2, 0.2, kLatencyS),
              0.005);
}

TEST(Faults, AProcessThatDiesTakesThoseWithItWhoWaited) {
  const StampedeResult result = run(faulty_plan("singleflight", "dies-after"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 2u);
  EXPECT_GT(result.counts.served[Served::kFailed], 4 * result.counts.episodes.size());
}

TEST(Faults, APauseBeyondTheLockLeavesTwoHoldersAndALateWrite) {
  for (const std::string guard : {"token-lock", "redlock"}) {
    SCOPED_TRACE(guard);
    const StampedeResult result = run(faulty_plan(guard + ":ttl=200ms,poll=5ms", "pause"));
    const uint64_t episodes = result.counts.episodes.size();
    EXPECT_EQ(result.counts.origin_calls, 2 * episodes);
    EXPECT_EQ(result.counts.double_holders, episodes);
    EXPECT_EQ(result.counts.late_stale_writes, episodes);
  }
}

TEST(Faults, ALeaseLetsNoLateWriteIn) {
  const StampedeResult result = run(faulty_plan("lease:ttl=200ms,poll=5ms", "pause"));
  const uint64_t episodes = result.counts.episodes.size();
  EXPECT_EQ(result.counts.double_holders, episodes);
  EXPECT_EQ(result.counts.late_stale_writes, 0u);
  EXPECT_EQ(result.counts.fill_errors, episodes);
}

TEST(Faults, AnErrorOfTheOriginFreesTheLock) {
  const StampedeResult result = run(faulty_plan("token-lock:poll=5ms", "origin-error:times=2"));
  const uint64_t episodes = result.counts.episodes.size();
  EXPECT_EQ(result.counts.origin_errors, 2 * episodes);
  EXPECT_EQ(result.counts.origin_calls, 3 * episodes);
  EXPECT_NEAR(*mean_window_ns(result.counts) / 1e9, 3 * kLatencyS, 0.015);
}

TEST(Faults, AnOriginThatHangsIsWaitedForUntilTheTimeout) {
  const StampedeResult result =
      run(faulty_plan("token-lock:poll=5ms", "origin-hang:timeout=300ms"));
  EXPECT_EQ(result.counts.origin_errors, result.counts.episodes.size());
  EXPECT_NEAR(*mean_window_ns(result.counts) / 1e9, 0.3 + kLatencyS, 0.005);
}

TEST(Faults, AreReadFromTheirSpec) {
  EXPECT_EQ(parse_fault("pause", 10, 20).for_ns, 15);
  EXPECT_EQ(parse_fault("pause:for=1ms", 10, 20).for_ns, kMs);
  EXPECT_EQ(parse_fault("origin-hang:times=3", 10, 20).for_ns, 20);
  EXPECT_EQ(parse_fault("origin-hang:times=3", 10, 20).times, 3u);
  for (const std::string text :
       {"dies", "dies-before:times=0", "dies-before:for=1s", "pause:for=0"}) {
    EXPECT_THROW(parse_fault(text, 10, 20), Error) << text;
  }
}

}  // namespace
}  // namespace cachegauge
