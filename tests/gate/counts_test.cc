#include "harness/gate/counts.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"
#include "tests/gate/samples.h"

namespace cachegauge {
namespace {

using enum GateOutcome;

MeasuredReport arm(std::optional<double> count, const std::string& id = "zipf/lru") {
  return report_of("an arm", {result_of(id, {{"instructions", count}})});
}

GateReport judge(std::optional<double> baseline, std::optional<double> again,
                 std::optional<double> candidate, const std::string& more = "") {
  const GateRules rules = parse_rules(
      R"({"schema": 1, "rules": [{"match": "*/p99", "class": "time"},
          {"match": "*/instructions", "class": "count")" +
          more + "}]}",
      "rules");
  GateReport report;
  report.rules = rules.rules;
  judge_counts(rules, arm(baseline), arm(again), arm(candidate), report);
  return report;
}

TEST(Counts, AChangeForTheWorseBeyondTheToleranceIsARegression) {
  const GateReport report = judge(1000, 1000, 1010);
  ASSERT_EQ(report.findings.size(), 1u);
  const GateFinding& finding = report.findings[0];
  EXPECT_EQ(finding.rule, 1u);
  EXPECT_EQ(finding.outcome, kRegression);
  EXPECT_EQ(finding.baseline, 1000);
  EXPECT_EQ(finding.candidate, 1010);
  EXPECT_DOUBLE_EQ(finding.change.value(), 0.01);
  EXPECT_EQ(finding.again_low, 0);
  EXPECT_EQ(finding.why, "differs by more than the tolerance of 0.005");
  EXPECT_EQ(report.exit_code(), ExitCode::kRegression);
}

TEST(Counts, FewerAreFineUnlessTheRuleSaysOtherwise) {
  EXPECT_EQ(judge(1000, 1000, 1005).outcome(), kPass);
  EXPECT_EQ(judge(1000, 1000, 1006).outcome(), kRegression);
  EXPECT_EQ(judge(1000, 1000, 500).outcome(), kPass);
  EXPECT_EQ(judge(1000, 1000, 500, R"(, "worse": "either")").outcome(), kRegression);
  EXPECT_EQ(judge(1000, 1000, 1006, R"(, "tolerance": 0.01)").outcome(), kPass);
}

TEST(Counts, ABaselineThatDiffersFromItselfIsInconclusive) {
  EXPECT_EQ(judge(1000, 1001, 1000).outcome(), kPass);  // a fifth of the tolerance
  const GateReport report = judge(1000, 1002, 1500);
  EXPECT_EQ(report.exit_code(), ExitCode::kInconclusive);
  EXPECT_EQ(report.findings[0].outcome, kInconclusive);
  EXPECT_DOUBLE_EQ(report.findings[0].again_high.value(), 0.002);
  EXPECT_EQ(report.findings[0].why, "the baseline was 1000 once, and then 1002");
  EXPECT_EQ(report.inconclusive,
            "zipf/lru/instructions of identical code differs, so something in it is left to time "
            "or chance: a seed, an address, a second thread");
}

TEST(Counts, WhatWasNotCountedIsNoPass) {
  EXPECT_ERROR(kFailed,
               "an arm: zipf/lru/instructions is missing or null; a figure that is gone "
               "cannot pass",
               judge(1000, 1000, std::nullopt));
}

}  // namespace
}  // namespace cachegauge
