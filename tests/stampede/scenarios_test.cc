// Scenarios in virtual time, held against what theory expects. The seeds are fixed, and so are the
// counts: the tolerances are those of the theory.
#include "harness/stampede/scenario.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "harness/core/error.h"
#include "harness/stampede/expectation.h"
#include "harness/stampede/theory.h"
#include "tests/stampede/simulated.h"

namespace cachegauge {
namespace {

constexpr uint64_t kRounds = kSanitized ? 6 : 20;
constexpr uint32_t kKeys = 20;
constexpr double kManyRate = 2000;

StampedePlan scenario_plan(const std::string& scenario, const std::string& guard,
                           int64_t ttl_ns = 1000 * kMs) {
  StampedePlan plan = plan_of(guard);
  plan.ttl_ns = ttl_ns;
  plan.timetable = plan_scenario(parse_scenario(scenario), plan.ttl_ns, plan.origin_ns);
  plan.load.rate = kManyRate;
  plan.episodes = kRounds;
  return plan;
}

StampedeResult run_scenario(const std::string& scenario, const std::string& guard) {
  return run(scenario_plan(scenario, guard));
}

bool all_rounds_have(const StampedeResult& result, uint64_t calls) {
  const auto& rounds = result.counts.round_calls;
  return rounds.size() == kRounds &&
         std::all_of(rounds.begin(), rounds.end(), [=](uint64_t one) { return one == calls; });
}

// Of the mean over the rounds.
double three_errors(const StampedeResult& result) {
  return 3 * origin_calls_per_round(result.counts)->deviation / std::sqrt(double{kRounds});
}

TEST(Scenarios, KeysThatExpireTogetherAreAsManyStampedes) {
  const StampedeResult result = run_scenario("mass-expiry:keys=20", "none");
  const StampedeCounts& counts = result.counts;
  EXPECT_EQ(counts.episodes.size(), kRounds * kKeys);
  const double rate = kManyRate / kKeys;
  EXPECT_NEAR(mean_calls(result), unguarded_calls(rate, kLatencyS),
              3 * std::sqrt(rate * kLatencyS / static_cast<double>(kRounds * kKeys)));
  EXPECT_NEAR(origin_calls_per_round(counts)->mean, kKeys * unguarded_calls(rate, kLatencyS),
              three_errors(result));
  EXPECT_GT(counts.peak_origin_concurrency, kKeys * 3u);
  EXPECT_TRUE(all_rounds_have(run_scenario("mass-expiry:keys=20", "singleflight"), kKeys));
}

TEST(Scenarios, JitterSpreadsTheKeysOverAPlateau) {
  StampedePlan plan = scenario_plan("mass-expiry:keys=200", "jitter:spread=20%+singleflight");
  plan.load.rate = 20'000;
  const StampedeResult result = run(plan);
  EXPECT_TRUE(all_rounds_have(result, 200));
  double calls = 0, seconds = 0;
  for (const StampedePoint& point : stampede_points(result.counts.series)) {
    if (point.t_ms < -150 || point.t_ms >= 150) continue;
    calls += *point.origin_calls_rps * 0.01;
    seconds += 0.01;
  }
  EXPECT_NEAR(seconds, 0.3, 1e-9);
  const double expected = plateau_rate(200, 0.2);
  EXPECT_NEAR(calls / seconds, expected,
              3 * std::sqrt(expected * seconds / static_cast<double>(kRounds)) / seconds);
}

TEST(Scenarios, AFlushTakesEachKeyOnce) {
  const StampedeResult result = run_scenario("flush:keys=20", "singleflight");
  EXPECT_TRUE(all_rounds_have(result, kKeys));
  const StampedeRecovery recovery = recovery_of(result.counts.series);
  EXPECT_EQ(*recovery.baseline_hit_ratio, 1);
  EXPECT_EQ(*recovery.baseline_p99_ns, 0);
  // The origin takes 50 ms, and the last of 20 keys is asked for after 36 ms on average.
  EXPECT_GE(*recovery.hit_ratio_ms, 50);
  EXPECT_LE(*recovery.hit_ratio_ms, 150);
  EXPECT_GE(*recovery.p99_ms, 50);
  EXPECT_LE(*recovery.p99_ms, *recovery.hit_ratio_ms + 50);
  const auto points = stampede_points(result.counts.series);
  EXPECT_EQ(points.front().t_ms, -130);
  for (const StampedePoint& point : points) {
    if (point.t_ms < 0) {
      EXPECT_EQ(*point.hit_ratio, 1) << point.t_ms;
    }
  }
  const auto zero = std::find_if(points.begin(), points.end(),
                                 [](const StampedePoint& point) { return point.t_ms == 0; });
  EXPECT_EQ(*zero->hit_ratio, 0);
  EXPECT_EQ(zero->served[Served::kFresh], 0u);
}

TEST(Scenarios, StaleValuesAreOfNoHelpOnceTheyAreGone) {
  const StampedeResult flushed = run_scenario("flush:keys=20", "swr");
  EXPECT_TRUE(all_rounds_have(flushed, kKeys));
  EXPECT_EQ(flushed.counts.served[Served::kStale], 0u);
  const StampedeResult expired = run_scenario("mass-expiry:keys=20", "swr");
  EXPECT_EQ(*blocked_share(expired.counts.served), 0);
  EXPECT_GT(expired.counts.served[Served::kStale], kRounds * kKeys);
  EXPECT_EQ(expired.counts.stale_ns.count(), expired.counts.served[Served::kStale]);
  // From the end of its life until a request has found it and the origin has answered.
  EXPECT_LT(expired.counts.stale_ns.max(), 250 * kMs);
  EXPECT_GT(expired.counts.stale_ns.mean(), 25 * kMs);
}

TEST(Scenarios, AColdStartIsCountedFromTheFirstRequestOn) {
  const StampedeResult result = run_scenario("cold-start:keys=20", "singleflight");
  EXPECT_TRUE(all_rounds_have(result, kKeys));
  EXPECT_EQ(result.counts.idle_ns, static_cast<int64_t>(kRounds - 1) * 250 * kMs);
  EXPECT_NEAR(achieved_rate(result.counts), kManyRate,
              3 * std::sqrt(kManyRate / (0.5 * static_cast<double>(kRounds))));
  const auto points = stampede_points(result.counts.series);
  EXPECT_EQ(points.front().t_ms, 0);
  EXPECT_EQ(*points.front().hit_ratio, 0);
  EXPECT_EQ(*recovery_of(result.counts.series).baseline_hit_ratio, 1);
}

TEST(Scenarios, WhileAServerIsAwayNothingIsKept) {
  // Of the requests for a key those of the first 50 ms load in vain; the first one after that, and
  // those that come while it loads, too, make 2.5 + 1 + 2.5 at 50 a second.
  StampedePlan plan = scenario_plan("restart:keys=20", "none", 2000 * kMs);
  plan.load.rate = 1000;
  const StampedeResult result = run(plan);
  EXPECT_NEAR(origin_calls_per_round(result.counts)->mean, kKeys * 6.0, three_errors(result));
  EXPECT_GT(result.counts.cache_errors, 0u);
  EXPECT_TRUE(result.flags.empty());
  EXPECT_GE(*recovery_of(result.counts.series).hit_ratio_ms, 100);
}

TEST(Scenarios, ADeploymentCostsAWarmCacheNothing) {
  for (const std::string guard : {"none", "singleflight", "token-lock"}) {
    const StampedeResult result = run_scenario("deploy:keys=20", guard);
    EXPECT_TRUE(all_rounds_have(result, 0)) << guard;
    EXPECT_EQ(result.counts.served[Served::kFresh], result.counts.served.total()) << guard;
    EXPECT_GT(result.counts.served.total(), 0u) << guard;
  }
}

TEST(Scenarios, ADeploymentForgetsTheLoadsOfProcessesButNotLocks) {
  const StampedeResult flights = run_scenario("deploy:keys=20,when=loading", "singleflight");
  EXPECT_GT(origin_calls_per_round(flights.counts)->mean, 1.5 * kKeys);
  EXPECT_LE(origin_calls_per_round(flights.counts)->most, 2 * kKeys);
  for (const std::string guard : {"token-lock", "redlock:servers=3"}) {
    const StampedeResult locks = run_scenario("deploy:keys=20,when=loading", guard);
    EXPECT_TRUE(all_rounds_have(locks, kKeys)) << guard;
  }
}

TEST(Scenarios, EveryDeploymentBeginsToKeepKeysWarmAnew) {
  const StampedeResult result = run_scenario("deploy:keys=20", "prewarm");
  EXPECT_TRUE(all_rounds_have(result, kKeys));
  EXPECT_EQ(result.counts.served[Served::kFresh], result.counts.served.total());
  EXPECT_EQ(hard_misses(result.counts), 0u);
}

TEST(Scenarios, AFaultBefallsEachKeyOfEachRound) {
  StampedePlan plan = scenario_plan("mass-expiry:keys=20", "token-lock:ttl=200ms,poll=5ms");
  plan.fault = parse_fault("dies-before", 200 * kMs, 1000 * kMs);
  const StampedeResult result = run(plan);
  EXPECT_TRUE(all_rounds_have(result, kKeys));
  EXPECT_EQ(result.counts.faults, kRounds * kKeys);
  EXPECT_FALSE(expect_calls(plan, result).has_value());
  const double expected_ns = *expect_window_ns(plan, result);
  EXPECT_DOUBLE_EQ(expected_ns, 250.0 * kMs);
  EXPECT_NEAR(*mean_window_ns(result.counts), expected_ns, 10.0 * kMs);
}

TEST(Scenarios, ARecordedTraceBringsItsOwnTimes) {
  StampedePlan plan = scenario_plan("hot-key-expiry:keys=2", "none");
  plan.load = {.rate = 0,
               .recorded = std::make_shared<std::vector<HotKeyArrival>>(
                   std::vector<HotKeyArrival>{{0, 0},
                                              {100 * kMs, 0},
                                              {500 * kMs, 1},
                                              {1100 * kMs, 0},
                                              {1110 * kMs, 0},
                                              {1140 * kMs, 0},
                                              {1160 * kMs, 0}})};
  plan.episodes = UINT64_MAX;
  const StampedeResult result = run(plan);
  EXPECT_EQ(result.counts.started, 7u);
  ASSERT_EQ(result.counts.episodes.size(), 1u);
  EXPECT_EQ(result.counts.episodes[0].origin_calls, 3u);
  EXPECT_EQ(result.counts.episodes[0].began_ns, 1100 * kMs);
  EXPECT_TRUE(result.flags.empty());
  plan.load.speed = 0.5;  // 2200, 2220 and 2280 ms: the last one comes after the fill
  EXPECT_EQ(run(plan).counts.episodes.at(0).origin_calls, 2u);
}

TEST(Scenarios, ARoundThatIsTooShortToRecoverInIsFlagged) {
  StampedePlan plan = scenario_plan("flush:keys=20", "singleflight");
  plan.make_origin = [] { return make_origin(parse_origin_spec("300ms"), 42); };
  EXPECT_EQ(run(plan).flags, std::vector<std::string>{"not_recovered"});
}

TEST(Timetable, LeavesIdleTimesOut) {
  const Timetable timetable = {.round_ns = 100, .idle_ns = 40};
  EXPECT_EQ(timetable.with_idle(59), 59);
  EXPECT_EQ(timetable.with_idle(60), 100);
  EXPECT_EQ(timetable.with_idle(125), 205);
  EXPECT_EQ(timetable.after_idle(59), 59);
  EXPECT_EQ(timetable.after_idle(60), 100);
  EXPECT_EQ(timetable.after_idle(260), 300);
  EXPECT_EQ(Timetable().with_idle(7), 7);
  EXPECT_EQ(Timetable().after_idle(7), 7);
}

TEST(Scenarios, AreRefusedWithTheReason) {
  const auto refusal = [](const std::string& text, const Capabilities& capabilities) {
    try {
      const Spec scenario = parse_scenario(text);
      plan_scenario(scenario, 1000 * kMs, 50 * kMs);
      require_own_server(scenario, "it", capabilities);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal("restart", {.private_server = true}), "accepted");
  EXPECT_EQ(refusal("restart", {.blocks_on_network = true}),
            "restart kills the cache's server, and it is a running one that is not ours to kill: "
            "name redis or memcached without an address, for a private one");
  EXPECT_EQ(refusal("restart", {.in_process = true}),
            "restart kills the cache's server, and it has no server: name redis or memcached "
            "without an address, for a private one");
  EXPECT_EQ(refusal("restart:down=1s", {}),
            "restart: the server is away for 1.00 s, and a round lasts half the TTL: give a --ttl "
            "of 8.00 s or more, so that it can be seen to recover");
  EXPECT_EQ(refusal("flush:keys=0", {}),
            "flush:keys: expected a number from 1 to 100000, got \"0\"");
  EXPECT_NE(refusal("flsh", {}).find("did you mean flush"), std::string::npos);
}

}  // namespace
}  // namespace cachegauge
