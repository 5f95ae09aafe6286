#include "harness/replay/capacity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

TEST(ParseSlo, OneTermAndSeveral) {
  const Slo one = parse_slo("p99=1ms");
  ASSERT_EQ(one.terms.size(), 1u);
  EXPECT_DOUBLE_EQ(one.terms[0].quantile, 0.99);
  EXPECT_EQ(one.terms[0].limit_ns, kMs);
  EXPECT_EQ(one.text, "p99=1ms");
  EXPECT_TRUE(one.is_set());
  EXPECT_FALSE(Slo().is_set());
  const Slo three = parse_slo("p50=250us,p99.9=5ms,p99.99=1.5s");
  ASSERT_EQ(three.terms.size(), 3u);
  EXPECT_DOUBLE_EQ(three.terms[0].quantile, 0.5);
  EXPECT_EQ(three.terms[0].limit_ns, 250'000);
  EXPECT_DOUBLE_EQ(three.terms[1].quantile, 0.999);
  EXPECT_DOUBLE_EQ(three.terms[2].quantile, 0.9999);
  EXPECT_EQ(three.terms[2].limit_ns, 1500 * kMs);
  EXPECT_EQ(three.text, "p50=250us,p99.9=5ms,p99.99=1.5s");
}

TEST(ParseSlo, SaysWhatIsWrong) {
  auto expected = [](const std::string& got) {
    return "expected a percentile and its limit, such as p99=1ms, got \"" + got + "\"";
  };
  for (const std::string bad : {"", "p99", "99=1ms", "p=1ms", "pxx=1ms", "p99x=1ms", "p0=1ms",
                                "p100=1ms", "p-5=1ms", "p101=1ms", "pnan=1ms", "mean=1ms"}) {
    EXPECT_ERROR(kUsage, expected(bad).c_str(), parse_slo(bad));
  }
  EXPECT_ERROR(kUsage, expected("").c_str(), parse_slo("p99=1ms,"));
  EXPECT_ERROR(kUsage, expected("p50").c_str(), parse_slo("p99=1ms,p50"));
  EXPECT_ERROR(kUsage, "a limit above 0 is needed in \"p99=0\"", parse_slo("p99=0"));
  EXPECT_THROW(parse_slo("p99=1"), Error) << "a time has a unit";
  EXPECT_THROW(parse_slo("p99="), Error);
}

TEST(TrialDuration, TenResponsesLieBeyondTheHighestQuantile) {
  const Slo slo = parse_slo("p50=1ms,p99=1ms");
  EXPECT_EQ(trial_duration_ns(slo, 10'000, 2 * kSecond), 2 * kSecond) << "200 do already";
  EXPECT_NEAR(static_cast<double>(trial_duration_ns(slo, 100, 2 * kSecond)), 10e9, 1e3);
  EXPECT_NEAR(static_cast<double>(trial_duration_ns(parse_slo("p99.9=1ms"), 1000, 2 * kSecond)),
              10e9, 1e3);
  EXPECT_EQ(trial_duration_ns(slo, 1, 2 * kSecond), 60 * kSecond) << "a minute at most,";
  EXPECT_EQ(trial_duration_ns(slo, 1, 90 * kSecond), 90 * kSecond) << "but as long as was wanted";
}

// 10,000 gets in 10 s as offered: 9,850 of 0.5 ms and the others of 4 ms.
RunResult good_trial() {
  RunResult result;
  result.duration_ns = 10 * kSecond;
  result.counters.gets = result.counters.hits = 10'000;
  result.timing(Timing::kResponseGet).record(kMs / 2, 9850);
  result.timing(Timing::kResponseGet).record(4 * kMs, 150);
  result.load.offered = 10'000;
  result.load.schedule_span_ns = result.load.sent_span_ns = 10 * kSecond;
  return result;
}

TEST(JudgeTrial, ThePromiseIsKept) {
  const CapacityTrial trial = judge_trial(parse_slo("p50=1ms,p99=5ms"), 1000, good_trial());
  EXPECT_TRUE(trial.held);
  EXPECT_EQ(trial.why, "");
  EXPECT_EQ(trial.rate, 1000);
  EXPECT_EQ(trial.achieved, 1000);
  ASSERT_EQ(trial.percentiles_ns.size(), 2u);
  EXPECT_NEAR(static_cast<double>(trial.percentiles_ns[0]), 0.5e6, 4e3);
  EXPECT_NEAR(static_cast<double>(trial.percentiles_ns[1]), 4e6, 32e3);
  EXPECT_FALSE(trial.client_bound);
}

TEST(JudgeTrial, EachTermThatIsBrokenIsNamed) {
  const CapacityTrial trial =
      judge_trial(parse_slo("p50=100us,p98=1ms,p99=3ms"), 1000, good_trial());
  EXPECT_FALSE(trial.held);
  EXPECT_EQ(trial.why, "p50 was 501 us; p99 was 4.00 ms");
  EXPECT_EQ(trial.percentiles_ns.size(), 3u);
}

TEST(JudgeTrial, RequestsOfEveryKindCount) {
  RunResult result = good_trial();
  result.counters.sets = 500;
  result.timing(Timing::kResponseSet).record(9 * kMs, 500);
  EXPECT_EQ(judge_trial(parse_slo("p99=5ms"), 1000, result).why, "p99 was 9.00 ms");
}

TEST(JudgeTrial, FailuresBreakIt) {
  RunResult result = good_trial();
  result.counters.errors = result.counters.get_errors = 250;
  EXPECT_EQ(judge_trial(parse_slo("p99=5ms"), 1000, result).why, "2.5 % of the commands failed");
  Slo lenient = parse_slo("p99=5ms");
  lenient.max_errors = 0.03;
  EXPECT_TRUE(judge_trial(lenient, 1000, result).held);
  result = good_trial();
  result.failure = "the server is gone";
  EXPECT_EQ(judge_trial(parse_slo("p99=5ms"), 1000, result).why, "the server is gone");
}

TEST(JudgeTrial, WhatWasOfferedHasToBeAnswered) {
  RunResult result = good_trial();
  result.duration_ns = 11 * kSecond;  // 909 of 1000 a second
  EXPECT_EQ(judge_trial(parse_slo("p99=5ms"), 1000, result).why, "909 requests/s were answered");
  result.duration_ns = 1040 * kSecond / 100;
  EXPECT_TRUE(judge_trial(parse_slo("p99=5ms"), 1000, result).held);
}

TEST(JudgeTrial, NothingMeasuredKeepsNoPromise) {
  EXPECT_FALSE(judge_trial(parse_slo("p99=5ms"), 1000, RunResult()).held);
}

TEST(JudgeTrial, TheClientsOwnLimitIsTold) {
  RunResult result = good_trial();
  result.flags = {"still_warming", "client_bound"};
  EXPECT_TRUE(judge_trial(parse_slo("p99=5ms"), 1000, result).client_bound);
}

// What a trial at a rate comes to.
using Server = std::function<bool(double rate)>;

Capacity search(double lowest, const Server& holds, bool client_bound = false) {
  CapacitySearch search(lowest);
  while (const std::optional<double> rate = search.next_rate()) {
    CapacityTrial trial;
    trial.rate = *rate;
    trial.held = holds(*rate);
    trial.client_bound = client_bound && !trial.held;
    search.note(trial);
    EXPECT_EQ(search.is_best(trial) && !trial.held, false);
  }
  return search.result();
}

TEST(CapacitySearch, FindsAHardKneeFromWherever) {
  for (double knee : {3.7, 250.0, 99'000.0, 1e6}) {
    for (double lowest : {1.0, 20.0, 1000.0, 40'000.0}) {
      SCOPED_TRACE(testing::Message() << "knee " << knee << ", from " << lowest);
      const Capacity found = search(lowest, [&](double rate) { return rate <= knee; });
      if (knee < lowest / 1000) {
        EXPECT_FALSE(found.rate);
        continue;
      }
      ASSERT_TRUE(found.rate);
      EXPECT_LE(*found.rate, knee);
      EXPECT_GE(*found.rate, knee / 1.05);
      EXPECT_EQ(found.limited_by, "server");
      EXPECT_LE(found.trials.size(), 45u);
      EXPECT_EQ(
          std::ranges::count_if(found.trials, [&](const auto& t) { return t.rate == *found.rate; }),
          3)
          << "the answer has held three times";
    }
  }
}

TEST(CapacitySearch, TriesByDoublingThenByHalvingThenAgain) {
  const Capacity found = search(100, [](double rate) { return rate <= 1000; });
  std::vector<int> rates;
  for (const CapacityTrial& trial : found.trials) rates.push_back(static_cast<int>(trial.rate));
  EXPECT_EQ(rates, (std::vector<int>{100, 200, 400, 800, 1600, 1131, 951, 1037, 993, 993, 993}));
}

// Around the knee a trial holds with a chance that falls from 1 to 0 over 20 % of the rate.
TEST(CapacitySearch, NoiseMovesTheAnswerNoFurtherThanItself) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    const Capacity found = search(
        500, [&](double rate) { return rate * (1 + 0.2 * (random.uniform() - 0.5)) <= 10'000; });
    ASSERT_TRUE(found.rate);
    EXPECT_GE(*found.rate, 10'000 / 1.1 / 1.05 / 1.05);
    EXPECT_LE(*found.rate, 10'000 / 0.9);
  }
}

TEST(CapacitySearch, ALuckyTrialDoesNotStand) {
  int lucky = 1;
  const Capacity found =
      search(100, [&](double rate) { return rate <= 1000 || (rate < 1200 && lucky-- > 0); });
  ASSERT_TRUE(found.rate);
  EXPECT_LE(*found.rate, 1000);
  EXPECT_GE(*found.rate, 1000 / 1.05);
  EXPECT_EQ(
      std::ranges::count_if(found.trials, [](const auto& t) { return t.rate > 1000 && t.held; }),
      1);
}

TEST(CapacitySearch, OneMissDoesNotTakeTheAnswerAway) {
  int trial = 0;
  // 800 is confirmed by the second and the third trial after the one that misses.
  const Capacity found = search(800, [&](double rate) {
    ++trial;
    return rate <= 800 && trial != 7;
  });
  ASSERT_TRUE(found.rate);
  EXPECT_EQ(*found.rate, 800);
  EXPECT_FALSE(found.trials[6].held);
  EXPECT_EQ(found.trials[6].rate, 800);
}

TEST(CapacitySearch, AServerThatGetsSlowStillHasARate) {
  int trial = 0;
  const Capacity found =
      search(100, [&](double rate) { return rate <= (++trial <= 12 ? 10'000 : 300); });
  ASSERT_TRUE(found.rate);
  EXPECT_LE(*found.rate, 300);
  EXPECT_GE(*found.rate, 300 / 1.5);
  EXPECT_LE(found.trials.size(), 40u);
}

TEST(CapacitySearch, WhenNothingHoldsThereIsNoRate) {
  const Capacity found = search(1000, [](double) { return false; });
  EXPECT_FALSE(found.rate);
  EXPECT_EQ(found.limited_by, "server");
  EXPECT_LE(found.trials.size(), 12u);
  EXPECT_GE(found.trials.back().rate, 1) << "a thousandth of where it began";
  EXPECT_LT(found.trials.back().rate, 2.1);
}

TEST(CapacitySearch, WhenEverythingHoldsItEndsAndNothingGaveOut) {
  const Capacity found = search(1, [](double) { return true; });
  EXPECT_EQ(found.limited_by, "");
  ASSERT_TRUE(found.rate) << "the highest that was tried has held";
  EXPECT_EQ(*found.rate, found.trials.back().rate);
  EXPECT_LE(found.trials.size(), 60u);
}

TEST(CapacitySearch, ASearchThatIsBrokenOffHasNoAnswer) {
  CapacitySearch search(100);
  search.note({.rate = 100, .held = true});
  EXPECT_FALSE(search.result().rate);
  EXPECT_EQ(search.result().trials.size(), 1u);
}

TEST(CapacitySearch, EndsWhateverHappens) {
  for (uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    const double chance = random.uniform();
    const Capacity found = search(1000, [&](double) { return random.uniform() < chance; });
    EXPECT_LE(found.trials.size(), 60u);
  }
}

TEST(CapacitySearch, SaysWhichSideGaveOut) {
  EXPECT_EQ(search(
                100, [](double rate) { return rate <= 1000; }, true)
                .limited_by,
            "client");
  EXPECT_EQ(search(
                100, [](double) { return false; }, true)
                .limited_by,
            "client");
  // Far above the answer the client was at its limit, just above it the server.
  CapacitySearch mixed(100);
  while (const auto rate = mixed.next_rate()) {
    mixed.note({.rate = *rate, .held = *rate <= 1000, .client_bound = *rate > 1500});
  }
  EXPECT_EQ(mixed.result().limited_by, "server");
}

TEST(CapacitySearch, TheFiguresWorthKeepingAreThoseOfTheAnswerSoFar) {
  CapacitySearch search(100);
  const CapacityTrial held{.rate = 100, .held = true};
  search.note(held);
  EXPECT_TRUE(search.is_best(held));
  const CapacityTrial broken{.rate = 200, .held = false};
  search.note(broken);
  EXPECT_FALSE(search.is_best(broken));
}

}  // namespace
}  // namespace cachegauge
