#include "harness/gate/figures.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"
#include "tests/gate/samples.h"

namespace cachegauge {
namespace {

GateRule rule_of(const std::string& match, GateClass type = GateClass::kExact) {
  GateRule rule;
  rule.match = match;
  rule.type = type;
  if (type == GateClass::kBound) rule.max = 10;
  return rule;
}

std::vector<GateFigure> find(const std::vector<GateRule>& rules, const MeasuredReport& baseline,
                             const MeasuredReport& candidate, SameBy same = SameBy::kId) {
  return find_figures(rules, &baseline, candidate, same);
}

const MeasuredReport kOld =
    report_of("a.json", {result_of("zipf/lru/none", {{"hits", 7}, {"p99", 5}, {"x", {}}}),
                         result_of("zipf/lru/none", {{"hits", 8}, {"p99", {}}, {"x", {}}}),
                         result_of("zipf/arc/none", {{"hits", 9}, {"p99", 4}, {"x", {}}})});

TEST(Figures, AreTheRepetitionsOfWhatRulesMatch) {
  const auto figures = find({rule_of("*/hits"), rule_of("*/arc/*p99")}, kOld, kOld);
  ASSERT_EQ(figures.size(), 3u);
  EXPECT_EQ(figures[0].id, "zipf/arc/none");
  EXPECT_EQ(figures[0].candidate, std::vector<double>{9});
  EXPECT_EQ(figures[1].id, "zipf/lru/none");
  EXPECT_EQ(figures[1].baseline, (std::vector<double>{7, 8}));
  EXPECT_EQ(figures[2].rule, 1u);
  EXPECT_EQ(figures[2].metric, "p99");
  EXPECT_EQ(figures[2].time, "virtual");
}

TEST(Figures, ARuleThatMatchesNothingIsAnError) {
  EXPECT_ERROR(kUsage,
               "rules[0]: \"*/hit\" matches nothing; did you mean hits? The first result is "
               "zipf/arc/none",
               find({rule_of("*/hit")}, kOld, kOld));
  EXPECT_ERROR(
      kUsage,
      "rules[0]: \"*/x\" matches nothing but zipf/lru/none/x, which is null on both sides. "
      "The first result is zipf/arc/none",
      find({rule_of("*/x")}, kOld, kOld));
  GateRule real = rule_of("*/hits");
  real.time = "real";
  EXPECT_ERROR(
      kUsage,
      "rules[0]: \"*/hits\" matches nothing in real time. The first result is zipf/arc/none",
      find({real}, kOld, kOld));
}

TEST(Figures, AnOptionalRuleMayMatchNothing) {
  GateRule optional = rule_of("*/none_such");
  optional.optional = true;
  EXPECT_EQ(find({optional, rule_of("*/hits")}, kOld, kOld).size(), 2u);
  EXPECT_ERROR(kUsage,
               "no rule matches a figure of a.json, so there is nothing to hold; its first result "
               "is zipf/arc/none",
               find({optional}, kOld, kOld));
}

TEST(Figures, AMissingMetricIsAnError) {
  const auto now = report_of("b.json", {result_of("zipf/lru/none", {{"hits", 7}}),
                                        result_of("zipf/arc/none", {{"hits", {}}})});
  EXPECT_ERROR(kFailed,
               "b.json: zipf/arc/none/hits is missing or null; a figure that is gone cannot pass",
               find({rule_of("*/hits")}, kOld, now));
  EXPECT_ERROR(kFailed,
               "b.json: zipf/arc/none/hits is missing or null, and the candidate has it; take the "
               "baseline anew with --update-baseline",
               find({rule_of("*/hits")}, now, kOld));
  const auto gone = report_of("b.json", {result_of("zipf/lru/none", {{"hits", 7}})});
  EXPECT_ERROR(kFailed,
               "b.json: zipf/arc/none/hits is missing or null; a figure that is gone cannot pass",
               find({rule_of("*/hits")}, kOld, gone));
}

TEST(Figures, ABoundNeedsNoBaseline) {
  const std::vector<GateRule> rules = {rule_of("*/hits", GateClass::kBound)};
  EXPECT_EQ(find_figures(rules, nullptr, kOld, SameBy::kId).size(), 2u);
  EXPECT_FALSE(needs_baseline(rules[0]));
  const auto null = report_of("b.json", {result_of("zipf/lru/none", {{"hits", {}}})});
  EXPECT_ERROR(kFailed,
               "b.json: zipf/lru/none/hits is missing or null; a figure that is gone cannot pass",
               find_figures(rules, nullptr, null, SameBy::kId));
}

TEST(Figures, OtherRequestsAreAnError) {
  MeasuredReport other = kOld;
  other.name = "b.json";
  for (MeasuredResult& result : other.results) result.fingerprint = "beef";
  EXPECT_ERROR(
      kFailed,
      "b.json: zipf/arc/none carried out other requests than in a.json (fingerprints beef "
      "and f00d), so nothing can be compared; use the same workload on both sides, or take "
      "the baseline anew with --update-baseline",
      find({rule_of("*/hits")}, kOld, other));
  other.results[1].fingerprint = "f00d";
  EXPECT_ERROR(kFailed, "b.json: the repetitions of zipf/lru/none carried out different requests",
               find({rule_of("*/hits")}, kOld, other));
}

TEST(Figures, OneAdapterAgainstAnotherGoesByTheMatchKey) {
  const auto lru = report_of("a", {result_of("zipf/lru/none", {{"hits", 7}})});
  const auto arc = report_of("b", {result_of("zipf/arc/none", {{"hits", 9}})});
  EXPECT_EQ(same_by(lru, lru), SameBy::kId);
  ASSERT_EQ(same_by(lru, arc), SameBy::kMatchKey);
  const auto figures = find({rule_of("*/hits")}, lru, arc, SameBy::kMatchKey);
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].id, "zipf/arc/none");
  EXPECT_EQ(figures[0].baseline, std::vector<double>{7});
  EXPECT_EQ(figures[0].candidate, std::vector<double>{9});
  EXPECT_ERROR(kFailed,
               "a.json: zipf/lru/none and zipf/arc/none are alike but for their adapters; give one "
               "on each side",
               find({rule_of("*/hits")}, kOld, arc, SameBy::kMatchKey));
}

TEST(Figures, ABaselineKeepsNoTimes) {
  MeasuredReport kept = report_of("base.json", {result_of("zipf/lru/none", {{"hits", 7}})});
  kept.is_baseline = true;
  const auto now = report_of("b.json", {result_of("zipf/lru/none", {{"hits", 7}, {"p99", 5}})});
  const auto figures = find({rule_of("*/p99", GateClass::kTime), rule_of("*/hits")}, kept, now);
  ASSERT_EQ(figures.size(), 1u);
  EXPECT_EQ(figures[0].metric, "hits");
}

}  // namespace
}  // namespace cachegauge
