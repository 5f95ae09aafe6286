#include "harness/gate/rounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"
#include "tests/gate/samples.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

class FakeClock final : public Clock {
 public:
  int64_t now_ns() const override { return now_; }
  int64_t now_ = 0;
};

// Three arms of which each run takes a second and some of the noise that a test asks for.
struct Machine {
  double slowdown = 1, again_slowdown = 1, noise = 0.001;
  int64_t run_ns = kSecond;
  uint64_t interrupt_after = UINT64_MAX;  // runs
  FakeClock clock;
  SplitMix64 random{7};
  std::vector<Arm> ran;
  std::set<size_t> paddings;

  MeasuredReport measure(Arm arm, size_t padding) {
    ran.push_back(arm);
    paddings.insert(padding);
    clock.now_ += run_ns;
    double time = 100 * std::exp(noise * random.normal());
    if (arm == Arm::kCandidate) time *= slowdown;
    if (arm == Arm::kAgain) time *= again_slowdown;
    return report_of("an arm", {result_of(arm == Arm::kCandidate ? "zipf/b" : "zipf/a",
                                          {{"p99", time}, {"hits", 7}})});
  }

  RoundHooks hooks() {
    RoundHooks hooks;
    hooks.measure = [this](Arm arm, size_t padding) { return measure(arm, padding); };
    hooks.progress = [](uint64_t, uint64_t, bool) {};
    hooks.interrupted = [this] { return ran.size() >= interrupt_after; };
    hooks.clock = &clock;
    return hooks;
  }

  GateReport judge(int64_t budget_ns = 1000 * kSecond,
                   const std::string& rules = R"({"match": "*/p99", "class": "time"},
                                                 {"match": "*/hits", "class": "exact"})") {
    return judge_in_rounds(parse_rules(R"({"schema": 1, "rules": [)" + rules + "]}", "rules"),
                           budget_ns, hooks());
  }
};

TEST(Rounds, AClearPassEndsEarly) {
  Machine machine;
  const GateReport report = machine.judge();
  EXPECT_EQ(report.exit_code(), ExitCode::kDone);
  EXPECT_EQ(report.rounds, 20u);
  EXPECT_EQ(report.confirming_rounds, 0u);
  EXPECT_EQ(machine.ran.size(), 63u);  // and one round to see how long it takes
  ASSERT_EQ(report.findings.size(), 2u);
  EXPECT_EQ(report.findings[0].metric, "p99");
  EXPECT_EQ(report.findings[0].id, "zipf/b");
  EXPECT_EQ(report.findings[0].samples, 20u);
  EXPECT_NEAR(report.findings[0].change.value(), 0, 0.002);
  EXPECT_EQ(report.findings[1].metric, "hits");
  EXPECT_DOUBLE_EQ(report.duration_s, 63);
}

TEST(Rounds, ARegressionIsConfirmedByTwiceTheRounds) {
  Machine machine;
  machine.slowdown = 1.05;
  const GateReport report = machine.judge();
  EXPECT_EQ(report.exit_code(), ExitCode::kRegression);
  EXPECT_EQ(report.rounds, 40u);
  EXPECT_EQ(report.confirming_rounds, 80u);
  const GateFinding& finding = *report.troubles().at(0);
  EXPECT_TRUE(finding.confirmed);
  EXPECT_EQ(finding.samples, 80u);
  EXPECT_EQ(finding.why, "worse by more than 0.01 beyond chance");
  EXPECT_NEAR(finding.change.value(), 0.05, 0.002);
  EXPECT_GT(finding.change_low.value(), 0.045);
  EXPECT_LT(finding.change_high.value(), 0.055);
}

TEST(Rounds, ABaselineThatDiffersFromItselfIsInconclusive) {
  Machine machine;
  machine.again_slowdown = 1.05;
  machine.slowdown = 1.5;
  const GateReport report = machine.judge();
  EXPECT_EQ(report.exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(report.inconclusive,
            "identical code was told apart (zipf/b/p99 of the baseline against itself), so this "
            "machine cannot tell now; try again, or with longer runs");
}

TEST(Rounds, EachHasAllArmsInRandomOrder) {
  Machine machine;
  machine.judge();
  std::set<std::vector<Arm>> orders;
  for (size_t i = 0; i < machine.ran.size(); i += 3) {
    std::vector<Arm> order(machine.ran.begin() + static_cast<ptrdiff_t>(i),
                           machine.ran.begin() + static_cast<ptrdiff_t>(i) + 3);
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, (std::vector<Arm>{Arm::kBaseline, Arm::kAgain, Arm::kCandidate}));
  }
  EXPECT_EQ(orders.size(), 6u);
  EXPECT_GT(machine.paddings.size(), 50u);
}

TEST(Rounds, AShortBudgetHasFewerRounds) {
  Machine machine;
  machine.slowdown = 1.05;
  const GateReport report = machine.judge(276 * kSecond);  // 92 rounds of three seconds
  EXPECT_EQ(report.rounds, 30u);
  EXPECT_EQ(report.confirming_rounds, 60u);
  EXPECT_EQ(report.exit_code(), ExitCode::kRegression);
  EXPECT_LE(machine.clock.now_, 276 * kSecond);
}

TEST(Rounds, ABudgetTooShortIsRefusedAtOnce) {
  Machine machine;
  EXPECT_ERROR(
      kUsage,
      "a round takes 3.00 s, and 20 rounds with 40 to confirm them have no room in "
      "--budget 60.0 s: make the runs shorter (--limit, --duration), or give --budget 240s",
      machine.judge(60 * kSecond));
  EXPECT_EQ(machine.ran.size(), 3u);
}

TEST(Rounds, ABudgetThatIsSpentIsInconclusive) {
  Machine machine;
  machine.slowdown = 1.05;
  RoundHooks hooks;
  hooks.measure = [&](Arm arm, size_t padding) {
    if (machine.ran.size() == 3) machine.run_ns = 20 * kSecond;  // after the round that is timed
    return machine.measure(arm, padding);
  };
  hooks.progress = [](uint64_t, uint64_t, bool) {};
  hooks.interrupted = [] { return false; };
  hooks.clock = &machine.clock;
  const GateRules rules =
      parse_rules(R"({"schema": 1, "rules": [{"match": "*/p99", "class": "time"}]})", "rules");
  const GateReport report = judge_in_rounds(rules, 400 * kSecond, hooks);
  EXPECT_EQ(report.exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(
      report.inconclusive,
      "the budget was spent after 6 rounds and 0 to confirm them: rounds took longer than the "
      "first did; give a longer --budget");
}

TEST(Rounds, MuchNoiseTakesMoreOfThem) {
  Machine machine;
  machine.noise = 0.15;
  const GateReport report = machine.judge(3000 * kSecond);
  EXPECT_EQ(report.exit_code(), ExitCode::kDone) << report.findings[0].why;
  EXPECT_GT(report.rounds, 40u);
  EXPECT_LT(report.findings[0].change_high.value(), 0.05);
}

TEST(Rounds, ASuspicionInMuchNoiseIsConfirmedByAsManyAsItTakes) {
  Machine machine;
  machine.noise = 0.15;
  machine.slowdown = 1.10;
  const GateReport report = machine.judge(3000 * kSecond);
  EXPECT_EQ(report.exit_code(), ExitCode::kRegression);
  EXPECT_GT(report.confirming_rounds, 2 * report.rounds);
  EXPECT_EQ(report.findings[0].samples, report.confirming_rounds);
}

// Nothing was seen, but nothing could have been.
TEST(Rounds, WhatTheBudgetDoesNotSettleIsInconclusive) {
  Machine machine;
  machine.noise = 0.3;
  const GateReport report = machine.judge(400 * kSecond);
  EXPECT_EQ(report.exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(report.inconclusive, "");
  EXPECT_GT(machine.clock.now_, 390 * kSecond);  // all that there was room for
  EXPECT_LE(machine.clock.now_, 400 * kSecond);
  EXPECT_EQ(report.findings[0].why,
            "too noisy to rule out a change of 0.05: take longer runs or a quieter machine, or "
            "give a longer --budget");
}

TEST(Rounds, WhatOnlyWarnsIsNotWaitedFor) {
  Machine machine;
  machine.noise = 0.3;
  const GateReport report =
      machine.judge(400 * kSecond, R"({"match": "*/p99", "class": "time", "severity": "warn"})");
  EXPECT_EQ(report.exit_code(), ExitCode::kDone);
  EXPECT_EQ(report.rounds, 40u);
}

TEST(Rounds, AnInterruptionLeavesNoVerdict) {
  Machine machine;
  machine.slowdown = 2;
  machine.interrupt_after = 25;
  const GateReport report = machine.judge();
  EXPECT_EQ(report.exit_code(), ExitCode::kInterrupted);
  EXPECT_EQ(report.rounds, 7u);
  EXPECT_TRUE(report.findings.empty());
}

TEST(Rounds, CountsAreTakenOnceOfEachArm) {
  Machine machine;
  std::vector<Arm> counted;
  const auto judge = [&](const std::string& rules) {
    machine.ran.clear();
    counted.clear();
    RoundHooks hooks = machine.hooks();
    hooks.count = [&](Arm arm) {
      counted.push_back(arm);
      const bool is_candidate = arm == Arm::kCandidate;
      return report_of("an arm", {result_of(is_candidate ? "zipf/b" : "zipf/a",
                                            {{"instructions", is_candidate ? 101 : 100}})});
    };
    return judge_in_rounds(parse_rules(R"({"schema": 1, "rules": [)" + rules + "]}", "r"),
                           1000 * kSecond, hooks);
  };
  const std::string count = R"({"match": "*/instructions", "class": "count"})";
  const GateReport alone = judge(count);
  EXPECT_EQ(alone.exit_code(), ExitCode::kRegression);
  EXPECT_EQ(alone.rounds, 0u);
  EXPECT_TRUE(machine.ran.empty());
  EXPECT_EQ(counted, (std::vector<Arm>{Arm::kBaseline, Arm::kAgain, Arm::kCandidate}));
  EXPECT_EQ(alone.findings.at(0).id, "zipf/b");
  const GateReport beside = judge(count + R"(, {"match": "*/p99", "class": "time"})");
  EXPECT_EQ(beside.exit_code(), ExitCode::kRegression);
  EXPECT_EQ(beside.rounds, 20u);
  EXPECT_EQ(beside.findings.size(), 2u);
}

TEST(Rounds, AZeroHasNoRatio) {
  Machine machine;
  EXPECT_ERROR(
      kFailed,
      "zipf/b/zero is 0 in a round, and class \"time\" takes ratios; hold it by another "
      "class",
      [&] {
        RoundHooks hooks;
        hooks.measure = [&](Arm, size_t) {
          machine.clock.now_ += kSecond;
          return report_of("an arm", {result_of("zipf/b", {{"zero", 0}})});
        };
        hooks.progress = [](uint64_t, uint64_t, bool) {};
        hooks.interrupted = [] { return false; };
        hooks.clock = &machine.clock;
        return judge_in_rounds(
            parse_rules(R"({"schema": 1, "rules": [{"match": "*/zero", "class": "time"}]})", "r"),
            1000 * kSecond, hooks);
      }());
}

}  // namespace
}  // namespace cachegauge
