#include "harness/gate/judge.h"

#include <gtest/gtest.h>

#include "harness/core/random.h"
#include "tests/core/expect_error.h"
#include "tests/gate/samples.h"

namespace cachegauge {
namespace {

GateRules rules_of(const std::string& rules) {
  return parse_rules(R"({"schema": 1, "rules": [)" + rules + "]}", "rules");
}

GateFinding judge(const std::string& rule, std::vector<double> baseline,
                  std::vector<double> candidate, const std::string& metric = "hits") {
  return judge_figure({.rule = 0,
                       .id = "zipf/lru",
                       .metric = metric,
                       .time = "virtual",
                       .baseline = std::move(baseline),
                       .candidate = std::move(candidate)},
                      rules_of(rule));
}

using enum GateOutcome;

TEST(Exact, IsEqualOrARegression) {
  const std::string rule = R"({"match": "*/hits", "class": "exact"})";
  EXPECT_EQ(judge(rule, {100}, {100}).outcome, kPass);
  const GateFinding worse = judge(rule, {100}, {99});
  EXPECT_EQ(worse.outcome, kRegression);
  EXPECT_EQ(worse.baseline, 100);
  EXPECT_EQ(worse.candidate, 99);
  EXPECT_DOUBLE_EQ(worse.change.value(), -0.01);
  EXPECT_EQ(worse.why, "is not what it was");
  EXPECT_EQ(judge(rule, {100}, {101}).outcome, kRegression);
  EXPECT_EQ(judge(rule, {0}, {1}).outcome, kRegression);
  EXPECT_FALSE(judge(rule, {0}, {1}).change);
}

TEST(Exact, HasATolerance) {
  const std::string rule = R"({"match": "*/a", "class": "exact", "tolerance": 0.02})";
  EXPECT_EQ(judge(rule, {1000}, {1020}).outcome, kPass);
  EXPECT_EQ(judge(rule, {1000}, {980}).outcome, kPass);
  EXPECT_EQ(judge(rule, {1000}, {1021}).why, "differs by more than the tolerance of 0.02");
  EXPECT_EQ(judge(rule, {0}, {0.001}).outcome, kRegression);
}

TEST(Exact, MayLetTheBetterWayPass) {
  const std::string rule = R"({"match": "*/a", "class": "exact", "worse": "up"})";
  EXPECT_EQ(judge(rule, {100}, {90}).outcome, kPass);
  EXPECT_EQ(judge(rule, {100}, {101}).outcome, kRegression);
}

TEST(Bound, HoldsForEveryRepetition) {
  const std::string rule = R"({"match": "*/a", "class": "bound", "min": 0.9, "max": 1})";
  EXPECT_EQ(judge(rule, {}, {0.9, 0.95, 1}).outcome, kPass);
  const GateFinding low = judge(rule, {}, {0.95, 0.85, 0.95});
  EXPECT_EQ(low.outcome, kRegression);
  EXPECT_EQ(low.candidate, 0.85);
  EXPECT_EQ(low.why, "is below the bound, 0.9");
  EXPECT_EQ(judge(rule, {}, {1.1}).why, "is above the bound, 1");
}

TEST(Stochastic, NeedsSixRepetitionsToTellAChange) {
  const std::string rule = R"({"match": "*/hit_ratio", "class": "stochastic"})";
  const auto of = [&](std::vector<double> a, std::vector<double> b) {
    return judge(rule, std::move(a), std::move(b), "hit_ratio");
  };
  const std::vector<double> base = {0.50, 0.51, 0.49, 0.50, 0.505, 0.495};
  std::vector<double> lower = base;
  for (double& value : lower) value *= 0.9;
  EXPECT_EQ(of(base, base).outcome, kPass);
  const GateFinding worse = of(base, lower);
  EXPECT_EQ(worse.outcome, kRegression);
  EXPECT_NEAR(worse.change.value(), -0.1, 1e-9);
  EXPECT_LT(worse.change_high.value(), -0.01);
  EXPECT_EQ(of(lower, base).outcome, kPass);  // a higher hit ratio is no regression
  const GateFinding few = of({0.5}, {0.4});
  EXPECT_EQ(few.outcome, kInconclusive);
  EXPECT_EQ(few.why,
            "cannot be told from chance by 1 repetition: take 6 or more on each side (--repeat 6)");
  EXPECT_EQ(of({0.5}, {0.5}).outcome, kPass);
}

TEST(Stochastic, HoldsABoundFromTheory) {
  const std::string rule = R"({"match": "*/calls", "class": "stochastic", "max": 1.05})";
  const auto of = [&](std::vector<double> values) { return judge(rule, {}, std::move(values)); };
  EXPECT_EQ(of({1, 1.2, 1, 1, 1.1, 1, 1, 1}).outcome, kPass);  // its mean may lie below 1.05
  EXPECT_EQ(of({1.2, 1.3, 1.2, 1.3, 1.2, 1.3}).why, "is above the bound, 1.05");
  EXPECT_EQ(of({1.2, 1.3}).outcome, kRegression);
  EXPECT_EQ(of({1, 1.3}).outcome, kInconclusive);
  EXPECT_EQ(of({1, 1.04}).outcome, kPass);
}

// 200 pairs of ten from one distribution, 20 % wide, so that a change of 1 % is far within chance.
TEST(Stochastic, SeldomRaisesAFalseAlarm) {
  const GateRules rules = rules_of(R"({"match": "*/calls", "class": "stochastic"})");
  int alarms = 0, detected = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SplitMix64 random(seed);
    GateFigure figure{.rule = 0, .id = "a", .metric = "calls", .baseline = {}, .candidate = {}};
    for (int i = 0; i < 10; ++i) {
      figure.baseline.push_back(10 + 2 * random.normal());
      figure.candidate.push_back(10 + 2 * random.normal());
    }
    alarms += judge_figure(figure, rules).outcome == kRegression;
    for (double& value : figure.candidate) value *= 1.5;
    detected += judge_figure(figure, rules).outcome == kRegression;
  }
  EXPECT_LE(alarms, 13);  // 2.5 % of 200 are 5, and three deviations 6.6
  EXPECT_GE(detected, 190);
}

TEST(StoredTime, IsAdvisory) {
  const std::string rule = R"({"match": "*/p99", "class": "time"})";
  const std::vector<double> base = {100, 101, 99, 100, 102, 98};
  std::vector<double> slower = base;
  for (double& value : slower) value *= 2;
  const GateFinding finding = judge(rule, base, slower, "p99");
  EXPECT_EQ(finding.outcome, kRegression);
  EXPECT_TRUE(finding.advisory);
}

TEST(Stored, DecidesByWhatRulesFail) {
  const auto report = [](double hits, double p99) {
    return report_of("b.json", {result_of("zipf/lru/none", {{"hits", hits}, {"p99", p99}})});
  };
  const MeasuredReport baseline = report(100, 10);
  const GateRules strict =
      rules_of(R"({"match": "*/hits", "class": "exact"}, {"match": "*/p99", "class": "time"})");
  EXPECT_EQ(judge_stored(strict, &baseline, report(100, 100)).exit_code(), ExitCode::kDone);
  EXPECT_EQ(judge_stored(strict, &baseline, report(99, 10)).exit_code(), ExitCode::kRegression);
  const GateRules warned = rules_of(R"({"match": "*/hits", "class": "exact", "severity": "warn"})");
  const GateReport verdict = judge_stored(warned, &baseline, report(99, 10));
  EXPECT_EQ(verdict.exit_code(), ExitCode::kDone);
  ASSERT_EQ(verdict.troubles().size(), 1u);
  EXPECT_EQ(verdict.troubles()[0]->outcome, kRegression);
  const GateRules unsure = rules_of(R"({"match": "*/hits", "class": "stochastic"})");
  EXPECT_EQ(judge_stored(unsure, &baseline, report(50, 10)).exit_code(), ExitCode::kInconclusive);
}

TEST(Stored, WarnsOfWhatLimitsTheVerdict) {
  MeasuredReport baseline = report_of("a", {result_of("zipf/lru/none", {{"hits", 1}}, "real")});
  MeasuredReport candidate = baseline;
  candidate.name = "b";
  baseline.experiment_hash = "1";
  candidate.experiment_hash = "2";
  candidate.hazards = {"zipf/lru/none: client_bound"};
  const GateReport report =
      judge_stored(rules_of(R"({"match": "*/hits", "class": "exact"})"), &baseline, candidate);
  ASSERT_EQ(report.warnings.size(), 3u);
  EXPECT_EQ(report.warnings[0],
            "a and b were taken with different flags (experiment 1 and 2): what differs may come "
            "from those");
  EXPECT_EQ(report.warnings[1], "zipf/lru/none: client_bound");
  EXPECT_EQ(report.warnings[2],
            "zipf/lru/none/hits was taken in real time, where counts may vary by themselves: give "
            "the rule a tolerance, or the class \"stochastic\" with --repeat 6");
}

TEST(Stored, ReproducesWhatGotWorse) {
  MeasuredReport baseline =
      report_of("a", {result_of("x/arc", {{"hits", 1}}), result_of("x/lru", {{"hits", 2}})});
  MeasuredReport candidate = baseline;
  candidate.results[0].command = "cachegauge run x arc";
  candidate.results[1].command = "cachegauge run x lru";
  candidate.results[1].metrics["hits"] = 1;
  const GateReport report =
      judge_stored(rules_of(R"({"match": "*/hits", "class": "exact"})"), &baseline, candidate);
  EXPECT_EQ(report.reproduce, "cachegauge run x lru");
}

TEST(Stored, KindsDoNotMix) {
  const MeasuredReport run = repeated("a.json", "hits", {1});
  MeasuredReport simulation = repeated("b.json", "hits", {1});
  simulation.kind = "simulate";
  EXPECT_ERROR(
      kFailed, "a.json is of kind \"run\" and b.json of kind \"simulate\": give two alike",
      judge_stored(rules_of(R"({"match": "*/hits", "class": "exact"})"), &run, simulation));
}

TEST(Baseline, KeepsWhatRulesName) {
  const MeasuredReport report =
      report_of("r.json", {result_of("x/lru", {{"hits", 2}, {"p99", 5}, {"calls", 3}, {"a", 1}}),
                           result_of("x/lru", {{"hits", 3}, {"p99", 5}, {"calls", 4}, {"a", 1}})});
  const MeasuredReport kept = keep_named(
      rules_of(R"({"match": "*/hits", "class": "exact"}, {"match": "*/p99", "class": "time"},
                  {"match": "*/calls", "class": "stochastic"},
                  {"match": "*/a", "class": "bound", "max": 9})"),
      report);
  ASSERT_EQ(kept.results.size(), 2u);
  EXPECT_EQ(kept.results[0].metrics, (Metrics{{"calls", 3}, {"hits", 2}}));
  EXPECT_EQ(kept.results[1].metrics, (Metrics{{"calls", 4}, {"hits", 3}}));
  EXPECT_ERROR(
      kUsage,
      "no rule of class \"exact\", \"stochastic\" or \"count\" names a figure of this report, "
      "so a baseline would hold nothing",
      keep_named(rules_of(R"({"match": "*/p99", "class": "time"})"), report));
}

}  // namespace
}  // namespace cachegauge
