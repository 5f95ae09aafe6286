// Each guard on one hot key in virtual time, held against what theory expects (harness/stampede/
// theory.h). The seeds are fixed, and so are the counts: the tolerances are those of the theory.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "harness/core/stampede_figures.h"
#include "harness/stampede/theory.h"
#include "tests/stampede/simulated.h"

namespace cachegauge {
namespace {

// Within three standard errors, of a deviation that is given or else the measured one.
void expect_calls(const StampedeResult& result, double expected, double deviation = 0) {
  const EpisodeSpread calls = *origin_calls_per_episode(result.counts);
  const double error = (deviation > 0 ? deviation : calls.deviation) /
                       std::sqrt(static_cast<double>(result.counts.episodes.size()));
  EXPECT_NEAR(calls.mean, expected, 3 * error);
}

TEST(Guards, NoneCallsForEveryArrivalOfTheWindow) {
  const StampedeResult result = run(plan_of("none"));
  EXPECT_EQ(result.counts.episodes.size(), kEpisodes);
  EXPECT_DOUBLE_EQ(*mean_window_ns(result.counts), 50.0 * kMs);
  expect_calls(result, unguarded_calls(kRate, kLatencyS), std::sqrt(kRate * kLatencyS));
  EXPECT_NEAR(origin_calls_per_episode(result.counts)->deviation, std::sqrt(kRate * kLatencyS), 1);
  EXPECT_NEAR(achieved_rate(result.counts), kRate, 10);
}

TEST(Guards, NoneWithConstantArrivalsCallsAsOftenEachTime) {
  StampedePlan plan = plan_of("none");
  plan.load.poisson = false;
  const StampedeResult result = run(plan);
  const EpisodeSpread calls = *origin_calls_per_episode(result.counts);
  EXPECT_EQ(calls.least, 50u);  // the first, and each millisecond until just before the 50th
  EXPECT_EQ(calls.most, 50u);
  EXPECT_EQ(result.counts.peak_origin_concurrency, 50u);
}

TEST(Guards, EveryRequestIsCountedOnce) {
  const StampedeResult result = run(plan_of("none"));
  const StampedeCounts& counts = result.counts;
  EXPECT_EQ(counts.response_ns.count(), counts.served.total());
  EXPECT_EQ(counts.response_in_window_ns.count(), counts.served_in_window.total());
  EXPECT_EQ(counts.served[Served::kLoaded], counts.origin_calls);
  EXPECT_EQ(counts.served_in_window[Served::kLoaded], counts.origin_calls);
  EXPECT_EQ(counts.served[Served::kFailed], 0u);
  uint64_t calls = 0;
  for (const StampedeEpisode& episode : counts.episodes) calls += episode.origin_calls;
  EXPECT_EQ(counts.origin_calls, calls);
  EXPECT_EQ(derive_figures(counts).wasted_calls(), calls - kEpisodes);
}

TEST(Guards, SingleFlightCallsOnce) {
  const StampedeResult result = run(plan_of("singleflight"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_EQ(derive_figures(result.counts).wasted_calls(), 0u);
  EXPECT_EQ(result.counts.peak_origin_concurrency, 1u);
  // Who waits for another's call waits for what is left of it.
  const double waiting = kRate * kLatencyS * kEpisodes;
  EXPECT_NEAR(static_cast<double>(result.counts.served[Served::kWaited]), waiting,
              3 * std::sqrt(waiting));
  EXPECT_NEAR(result.counts.response_in_window_ns.mean(), 25.5 * kMs, 1.0 * kMs);
}

TEST(Guards, SingleFlightOfManyProcessesCallsOnceEach) {
  for (const uint32_t processes : {20u, 50u, 500u}) {
    StampedePlan plan = plan_of("singleflight");
    plan.processes = processes;
    const StampedeResult result = run(plan);
    expect_calls(result, once_each_calls(kRate, kLatencyS, processes));
    EXPECT_LE(origin_calls_per_episode(result.counts)->most, processes);
  }
}

TEST(Guards, SingleFlightSharesErrorsAndForgetsThem) {
  StampedePlan plan = plan_of("singleflight", "sleep:latency=50ms,errors=50%");
  const StampedeResult result = run(plan);
  EXPECT_GT(result.counts.origin_errors, kEpisodes / 2);
  EXPECT_GT(result.counts.served[Served::kFailed], result.counts.origin_errors);
  EXPECT_EQ(result.counts.peak_origin_concurrency, 1u);
  // A call succeeds with probability 1/2, so an episode takes two.
  expect_calls(result, 2);
}

TEST(Guards, TokenLockCallsOnceHoweverManyTheProcesses) {
  for (const std::string guard : {"token-lock", "add-lock"}) {
    StampedePlan plan = plan_of(guard);
    plan.processes = 100;
    plan.round_trip_ns = kMs / 10;
    const StampedeResult result = run(plan);
    EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u) << guard;
    EXPECT_EQ(result.counts.double_holders, 0u) << guard;
    EXPECT_EQ(result.counts.served[Served::kFailed], 0u) << guard;
    EXPECT_GT(result.counts.polls, kEpisodes) << guard;
  }
}

TEST(Guards, ALeaseIsGrantedOnceAnExpiry) {
  StampedePlan plan = plan_of("lease");
  plan.processes = 100;
  plan.round_trip_ns = kMs / 10;
  const StampedeResult waiting = run(plan);
  EXPECT_EQ(origin_calls_per_episode(waiting.counts)->most, 1u);
  EXPECT_EQ(waiting.counts.double_holders, 0u);
  EXPECT_GT(waiting.counts.served[Served::kWaited], kEpisodes * 40);
}

TEST(Guards, ALeaseShorterThanTheLoadLetsNoValueIn) {
  StampedePlan plan = plan_of("lease:ttl=20ms,wait=100ms");
  plan.limit_ns = 10'000 * kMs;
  const StampedeResult result = run(plan);
  EXPECT_TRUE(result.counts.episodes.empty());  // not even the cold start has ended
  EXPECT_EQ(result.flags, std::vector<std::string>{"cut_short"});
}

TEST(Guards, ALeaseServesTheStaleValueWhileItIsHeld) {
  StampedePlan plan = plan_of("lease:stale=1s");
  plan.processes = 100;
  plan.round_trip_ns = kMs / 10;
  const StampedeResult result = run(plan);
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_EQ(result.counts.double_holders, 0u);
  EXPECT_NEAR(*share_of(result.counts.served, Served::kStale), stale_share(1, kLatencyS), 0.003);
  // One waits for its own load, and nobody for another's.
  EXPECT_EQ(result.counts.served[Served::kLoaded], kEpisodes);
  EXPECT_EQ(result.counts.served[Served::kWaited], 0u);
}

TEST(Guards, ALeaseIsGivenUpWhenTheLoadFails) {
  const StampedeResult result = run(plan_of("lease", "sleep:latency=50ms,errors=50%"));
  EXPECT_GT(result.counts.origin_errors, kEpisodes / 2);
  EXPECT_EQ(result.counts.peak_origin_concurrency, 1u);
  expect_calls(result, 2);
  // Else the next would have to wait for 10 s until the lease has ended.
  EXPECT_LT(*mean_time_to_recover_ns(result.counts), 300.0 * kMs);
}

TEST(Guards, TheTutorialsLockCallsMoreThanOnce) {
  StampedePlan plan = plan_of("lock:poll=5ms");
  plan.round_trip_ns = kMs;
  const StampedeResult result = run(plan);
  EXPECT_GT(mean_calls(result), 1.02);
  EXPECT_LT(mean_calls(result), 2);
}

TEST(Guards, ALockShorterThanTheLoadIsHeldTwice) {
  // 50 ms of load and 20 ms of lock: at 0, 20 and 40 ms, if those who wait look often enough.
  StampedePlan plan = plan_of("token-lock:ttl=20ms,poll=100us");
  const StampedeResult result = run(plan);
  EXPECT_NEAR(mean_calls(result), short_lock_calls(kLatencyS, 0.02), 0.05);
  EXPECT_GE(result.counts.double_holders, 2 * kEpisodes * 9 / 10);
}

TEST(Guards, RedlockCallsOnceHoweverManyTheProcesses) {
  StampedePlan plan = plan_of("redlock:servers=3");
  plan.processes = 100;
  plan.round_trip_ns = kMs / 10;
  const StampedeResult result = run(plan);
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_EQ(result.counts.double_holders, 0u);
  EXPECT_EQ(result.counts.served[Served::kFailed], 0u);
  EXPECT_EQ(result.counts.cache_errors, 0u);
  EXPECT_GT(result.counts.polls, kEpisodes);
}

TEST(Guards, PrewarmCallsOnceAndNobodyNotices) {
  StampedePlan plan = plan_of("prewarm:ahead=200ms");
  plan.processes = 10;
  const StampedeResult result = run(plan);
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_EQ(result.counts.served[Served::kFresh], result.counts.served.total());
  const auto& episodes = result.counts.episodes;
  for (size_t i = 1; i < episodes.size(); ++i) {
    EXPECT_EQ(episodes[i].began_ns - episodes[i - 1].filled_ns, 800 * kMs);
  }
}

TEST(Guards, AWaitThatIsTooShortFails) {
  const StampedeResult result = run(plan_of("token-lock:wait=10ms"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  // Of the window's requests those of the last 10 ms and the holder get an answer.
  const double failed = static_cast<double>(result.counts.served[Served::kFailed]);
  EXPECT_NEAR(failed / (kRate * kEpisodes), 0.04, 0.01);
}

TEST(Guards, XFetchCallsAsTheoryHasIt) {
  for (const double beta : {1.0, 2.0}) {
    StampedePlan plan = plan_of("xfetch:beta=" + std::to_string(beta));
    plan.ttl_ns = 2000 * kMs;
    plan.episodes = kSanitized ? 300 : 1000;
    const StampedeResult result = run(plan);
    EXPECT_NEAR(mean_calls(result), xfetch_calls(beta), 0.1 * xfetch_calls(beta)) << beta;
    EXPECT_EQ(result.counts.served_in_window[Served::kFailed], 0u);
  }
}

TEST(Guards, XFetchBeginsAsEarlyAsTheoryHasIt) {
  StampedePlan plan = plan_of("xfetch");
  plan.ttl_ns = 2000 * kMs;
  plan.episodes = kSanitized ? 300 : 1000;
  const StampedeResult result = run(plan);
  const RestSpread rest = *rest_between_episodes(result.counts);
  EXPECT_NEAR(2000 - rest.mean_ns / 1e6, 1e3 * xfetch_early_gap_s(kRate, 1, kLatencyS),
              3 * rest.deviation_ns / 1e6 / std::sqrt(static_cast<double>(plan.episodes)));
  plan.load.rate = 20;  // one look in the time that it takes
  const double share = xfetch_hard_miss_share(20, 1, kLatencyS);
  const auto n = static_cast<double>(plan.episodes);
  EXPECT_NEAR(static_cast<double>(hard_misses(run(plan).counts)) / n, share,
              3 * std::sqrt(share * (1 - share) / n));
}

TEST(Guards, XFetchUnderALockCallsOnce) {
  StampedePlan plan = plan_of("xfetch-lock");
  plan.processes = 10;
  const StampedeResult result = run(plan);
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  // Nearly nobody waits: the value is there while the next one is made.
  EXPECT_LT(*blocked_share(result.counts.served), 0.002);
}

TEST(Guards, StaleWhileRevalidateCallsOnceAndNobodyWaits) {
  const StampedeResult result = run(plan_of("swr"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_NEAR(*share_of(result.counts.served, Served::kStale), stale_share(1, kLatencyS), 0.002);
  EXPECT_EQ(*blocked_share(result.counts.served), 0);
}

TEST(Guards, RefreshAheadServesNothingStale) {
  const StampedeResult result = run(plan_of("refresh-ahead:ahead=200ms"));
  EXPECT_EQ(origin_calls_per_episode(result.counts)->most, 1u);
  EXPECT_EQ(result.counts.served[Served::kFresh], result.counts.served.total());
}

TEST(Guards, JitterSpreadsTheLifetimes) {
  const StampedeResult result = run(plan_of("jitter:spread=20%+singleflight"));
  const auto& episodes = result.counts.episodes;
  double least = 1e18, most = 0, sum = 0;
  for (size_t i = 1; i < episodes.size(); ++i) {
    const auto ns = static_cast<double>(episodes[i].began_ns - episodes[i - 1].filled_ns);
    least = std::min(least, ns), most = std::max(most, ns), sum += ns;
  }
  EXPECT_GE(least, 800.0 * kMs);
  EXPECT_LT(least, 820.0 * kMs);
  EXPECT_GT(most, 1180.0 * kMs);
  EXPECT_LE(most, 1210.0 * kMs);  // and the wait for the next request
  EXPECT_NEAR(sum / static_cast<double>(episodes.size() - 1), 1000.0 * kMs, 30.0 * kMs);
}

TEST(Guards, AClosedLoopCallsOnceAClient) {
  StampedePlan plan = plan_of("none");
  plan.load.clients = 50;
  const StampedeResult result = run(plan);
  expect_calls(result, once_each_calls(kRate, kLatencyS, 50));
}

TEST(Guards, AQueueAtTheOriginMakesTheWindowNoLonger) {
  // The first call is served at once; those behind it queue, and the origin works them off.
  StampedePlan plan = plan_of("none", "sleep:latency=50ms,capacity=4");
  plan.ttl_ns = 5000 * kMs;
  const StampedeResult result = run(plan);
  expect_calls(result, unguarded_calls(kRate, kLatencyS), std::sqrt(kRate * kLatencyS));
  EXPECT_NEAR(*mean_time_to_recover_ns(result.counts), 51.0 / 4 * 50 * kMs, 30.0 * kMs);
}

TEST(Guards, ASharedOriginIsOverwhelmed) {
  StampedePlan plan = plan_of("none", "shared:latency=50ms,capacity=20");
  plan.ttl_ns = 10'000 * kMs;
  const double expected = shared_origin_calls(kRate, kLatencyS, 20);
  EXPECT_NEAR(mean_calls(run(plan)), expected, 0.1 * expected);
}

TEST(Guards, AreRefusedWithTheReason) {
  const auto refusal = [](const std::string& text) -> std::string {
    try {
      parse_guard(text);
    } catch (const Error& error) {
      return error.what();
    }
    return "accepted";
  };
  EXPECT_EQ(refusal("singleflight+token-lock"),
            "the guards singleflight and token-lock both say who calls the origin: give one of "
            "them");
  EXPECT_EQ(refusal("jitter+jitter"), "the guard has jitter twice");
  EXPECT_NE(refusal("tokenlock").find("did you mean token-lock"), std::string::npos);
  EXPECT_EQ(refusal("lock:ttl=0"), "lock:ttl: expected a time above 0, got \"0\"");
  EXPECT_EQ(refusal("xfetch:beta=0"),
            "xfetch:beta: expected a number above 0 and up to 1000, got \"0\"");
  EXPECT_EQ(refusal("redlock:servers=0"),
            "redlock:servers: expected a number from 1 to 99, got \"0\"");
  EXPECT_EQ(refusal("redlock:ttl=2ms"),
            "redlock:ttl: expected a time above what clocks may drift, 2 ms and a hundredth, got "
            "\"2ms\"");
  EXPECT_EQ(refusal("jitter:spread=100%"),
            "jitter:spread: expected a share above 0% and below 100%, got \"100%\"");
}

TEST(Guards, NeedWhatTheCacheCanDo) {
  const std::vector<Spec> guard = parse_guard("jitter+token-lock");
  EXPECT_NO_THROW(require_commands(guard, "redis", all_commands()));
  try {
    require_commands(guard, "sqlite", {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "sqlite cannot carry out the guard token-lock: it needs a delete of its lock on "
                 "condition that it still holds it (redis has one; add-lock does without)");
  }
}

}  // namespace
}  // namespace cachegauge
