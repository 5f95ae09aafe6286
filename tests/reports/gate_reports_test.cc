#include "reports/gate_reports.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cachegauge {
namespace {

GateRule rule_of(const std::string& match, GateClass type, bool fails = true) {
  GateRule rule;
  rule.match = match;
  rule.type = type;
  rule.fails = fails;
  return rule;
}

// A regression of each sort, one that only warns, one that is advisory, and a pass.
GateReport sample_gate_report() {
  GateReport report;
  report.mode = "interleave";
  report.baseline = "lru";
  report.candidate = "arc";
  report.rules = {rule_of("*/hits", GateClass::kExact), rule_of("*/p99", GateClass::kTime),
                  rule_of("*/<b>|x", GateClass::kBound, false)};
  report.rounds = 40;
  report.confirming_rounds = 80;
  report.reproduce = "cachegauge gate --workload 'a b'";
  report.findings.push_back({.rule = 0,
                             .id = "zipf/lru",
                             .metric = "hits",
                             .outcome = GateOutcome::kRegression,
                             .baseline = 13000,
                             .candidate = 12500,
                             .change = -500.0 / 13000,
                             .samples = 1,
                             .why = "is not what it was"});
  report.findings.push_back({.rule = 0, .id = "zipf/arc", .metric = "hits", .candidate = 1});
  report.findings.push_back({.rule = 1,
                             .id = "zipf/lru",
                             .metric = "response_time_ns.get.p99",
                             .outcome = GateOutcome::kRegression,
                             .baseline = 1000,
                             .candidate = 1100,
                             .change = 0.1,
                             .change_low = 0.08,
                             .change_high = 0.12,
                             .samples = 80,
                             .confirmed = true,
                             .why = "worse by more than 0.01 beyond chance"});
  report.findings.push_back({.rule = 2,
                             .id = "zipf/<script>alert(1)</script>",
                             .metric = "hit_ratio",
                             .outcome = GateOutcome::kRegression,
                             .candidate = 0.5,
                             .why = "is below the bound, 0.9"});
  return report;
}

TEST(GateText, NamesEachRegressionAndHowToSeeItAgain) {
  EXPECT_EQ(
      gate_text(sample_gate_report()),
      "regression: zipf/lru/hits: 13,000 -> 12,500 (-3.85%); is not what it was\n"
      "regression: zipf/lru/response_time_ns.get.p99: 1.00 us -> 1.10 us (+10.00%, +8.00% to "
      "+12.00%) over 80 paired rounds that confirm a suspicion; worse by more than 0.01 beyond "
      "chance\n"
      "warning: zipf/<script>alert(1)</script>/hit_ratio: 50.00%; is below the bound, 0.9\n"
      "\n"
      "regression: 2 of 4 figures are held by 3 rules; 1 only warned of\n"
      "next: cachegauge gate --workload 'a b'\n");
}

TEST(GateText, APassIsALine) {
  GateReport report = sample_gate_report();
  report.findings = {report.findings[1]};
  EXPECT_EQ(gate_text(report), "pass: 1 of 1 figures are held by 3 rules\n");
}

TEST(GateText, SmallChangesKeepTheirDigits) {
  GateReport report = sample_gate_report();
  report.findings = {report.findings[0]};
  report.findings[0].change = -0.0000012;
  EXPECT_NE(gate_text(report).find("(-0.00012%)"), std::string::npos) << gate_text(report);
}

TEST(GateAnnotations, EncodeWhatGitHubWouldRead) {
  GateReport report = sample_gate_report();
  report.findings = {report.findings[0]};
  report.findings[0].id = "100%\nx";
  EXPECT_EQ(
      gate_annotations(report),
      "::error title=cachegauge gate::100%25?x/hits: 13,000 -> 12,500 (-3.85%25); is not what "
      "it was\n");
}

TEST(GateJson, HasWhatWasFound) {
  const auto json = nlohmann::json::parse(gate_json(sample_gate_report()));
  EXPECT_EQ(json["kind"], "gate");
  EXPECT_EQ(json["outcome"], "regression");
  EXPECT_EQ(json["findings"].size(), 4u);
  EXPECT_EQ(json["findings"][2]["change_low"], 0.08);
  EXPECT_EQ(json["findings"][3]["decides"], false);
  EXPECT_TRUE(json["findings"][3]["baseline"].is_null());
  EXPECT_EQ(json["rules"][1]["class"], "time");
}

TEST(GateMarkdown, EscapesWhatComesFromOutside) {
  const std::string text = gate_markdown(sample_gate_report());
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  EXPECT_NE(text.find("### cachegauge gate: regression: 2 of 4 figures"), std::string::npos);
  EXPECT_NE(text.find("- regression: zipf/lru/hits: 13,000 -&gt; 12,500 (-3.85%)"),
            std::string::npos)
      << text;
}

TEST(GateJunit, IsOneCaseARule) {
  const std::string text = gate_junit(sample_gate_report());
  EXPECT_NE(text.find("tests=\"3\" failures=\"2\" errors=\"0\""), std::string::npos) << text;
  EXPECT_NE(text.find("name=\"bound */&lt;b&gt;|x\""), std::string::npos);
  EXPECT_EQ(text.find("<script>"), std::string::npos);
  GateReport invalid = sample_gate_report();
  invalid.inconclusive = "identical code was told apart";
  EXPECT_NE(gate_junit(invalid).find("tests=\"4\" failures=\"2\" errors=\"1\""), std::string::npos);
}

TEST(GateOutcomes, WhatMakesTheWholeInconclusiveOutweighsTheRest) {
  GateReport report = sample_gate_report();
  EXPECT_EQ(report.exit_code(), ExitCode::kRegression);
  report.inconclusive = "identical code was told apart";
  EXPECT_EQ(report.exit_code(), ExitCode::kInconclusive);
  report.interrupted = true;
  EXPECT_EQ(report.exit_code(), ExitCode::kInterrupted);
}

}  // namespace
}  // namespace cachegauge
