#include "harness/gate/rules.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

std::string with_rule(const std::string& rule) {
  return R"({"schema": 1, "rules": [)" + rule + "]}";
}

TEST(Rules, ReadEveryKey) {
  const GateRules rules = parse_rules(
      R"({"schema": 1,
          "defaults": {"rounds": 60, "alpha": 0.05, "confirm": 3, "seed": 7, "min_effect": 0.02},
          "rules": [
           {"match": "*/hits", "class": "exact", "tolerance": 0.1, "worse": "down",
            "severity": "warn", "optional": true, "time": "virtual"},
           {"match": "*/hit_ratio", "class": "bound", "min": 0.9, "max": 1},
           {"match": "*/p99", "class": "time"},
           {"match": "*/calls", "class": "stochastic", "min_effect": 0.1}]})",
      "r.json");
  EXPECT_EQ(rules.rounds, 60u);
  EXPECT_EQ(rules.alpha, 0.05);
  EXPECT_EQ(rules.confirm, 3u);
  EXPECT_EQ(rules.seed, 7u);
  ASSERT_EQ(rules.rules.size(), 4u);
  const GateRule& exact = rules.rules[0];
  EXPECT_EQ(exact.match, "*/hits");
  EXPECT_EQ(exact.type, GateClass::kExact);
  EXPECT_EQ(exact.tolerance, 0.1);
  EXPECT_EQ(exact.worse, Worse::kDown);
  EXPECT_FALSE(exact.fails);
  EXPECT_TRUE(exact.optional);
  EXPECT_EQ(exact.time, "virtual");
  EXPECT_EQ(rules.rules[1].min, 0.9);
  EXPECT_EQ(rules.rules[1].max, 1);
  EXPECT_TRUE(rules.rules[1].fails);
  EXPECT_EQ(rules.rules[2].min_effect, 0.02);
  EXPECT_EQ(rules.rules[3].min_effect, 0.1);
}

TEST(Rules, TheDefaultsAreRules) {
  for (std::string_view text : {default_rules(), default_paired_rules()}) {
    const GateRules rules = parse_rules(text, "defaults");
    EXPECT_EQ(rules.rounds, 40u);
    for (const GateRule& rule : rules.rules) EXPECT_TRUE(rule.optional) << rule.match;
  }
}

TEST(Rules, AnUnknownKeyNamesTheNearest) {
  EXPECT_ERROR(
      kUsage,
      "r.json: rules[0]: unknown key \"tolerence\"; did you mean tolerance? Valid: match, "
      "class, severity, optional, time, worse, tolerance, min_effect, detect, min, max",
      parse_rules(with_rule(R"({"match": "*/a", "class": "exact", "tolerence": 1})"), "r.json"));
  EXPECT_ERROR(kUsage,
               "r.json: unknown key \"rule\"; did you mean rules? Valid: schema, defaults, rules",
               parse_rules(R"({"schema": 1, "rule": []})", "r.json"));
  EXPECT_ERROR(kUsage,
               "r.json: defaults.round: unknown key \"round\"; did you mean rounds? Valid: rounds, "
               "confirm, seed, alpha, min_effect, detect",
               parse_rules(R"({"schema": 1, "defaults": {"round": 40}, "rules": []})", "r.json"));
}

TEST(Rules, WhatIsToBeDetectedIsTwiceWhatCountsUnlessItIsSaid) {
  const auto detect = [](const std::string& defaults, const std::string& more) {
    return parse_rules(R"({"schema": 1, "defaults": {)" + defaults + R"(}, "rules": [
      {"match": "*/a", "class": "time")" +
                           more + "}]}",
                       "r")
        .rules[0]
        .detect;
  };
  EXPECT_EQ(detect("", ""), 0.05);
  EXPECT_EQ(detect("", R"(, "min_effect": 0.03)"), 0.06);
  EXPECT_EQ(detect(R"("min_effect": 0.6)", ""), 1.2);
  EXPECT_EQ(detect(R"("detect": 0.02)", ""), 0.02);
  EXPECT_EQ(detect(R"("detect": 0.02)", R"(, "detect": 0.3)"), 0.3);
  EXPECT_ERROR(kUsage,
               "r: rules[0]: detect 0.02 is not above min_effect 0.02: what is no regression would "
               "have to be ruled out",
               detect(R"("detect": 0.02)", R"(, "min_effect": 0.02)"));
  EXPECT_ERROR(kUsage, "r: rules[0]: detect: expected a share above 0, got 0",
               detect("", R"(, "detect": 0)"));
  EXPECT_ERROR(kUsage, "r: rules[0]: detect means nothing to class \"exact\"",
               parse_rules(with_rule(R"({"match": "*/a", "class": "exact", "detect": 1})"), "r"));
}

TEST(Rules, CountHasATolerance) {
  const auto tolerance = [](const std::string& more) {
    return parse_rules(with_rule(R"({"match": "*/a", "class": "count")" + more + "}"), "r")
        .rules[0]
        .tolerance;
  };
  EXPECT_EQ(tolerance(""), 0.005);
  EXPECT_EQ(tolerance(R"(, "tolerance": 0)"), 0);
  EXPECT_EQ(tolerance(R"(, "tolerance": 0.02)"), 0.02);
}

TEST(Rules, PatternsThatCanMatchNothingAreRefused) {
  const auto read = [](const std::string& pattern) {
    return parse_rules(with_rule(R"({"match": ")" + pattern + R"(", "class": "exact"})"), "r.json");
  };
  EXPECT_ERROR(kUsage,
               "r.json: rules[0]: match: \"hits\" can match nothing: a pattern is held against "
               "id/metric; \"*/hits\" matches the metric in every result",
               read("hits"));
  EXPECT_ERROR(kUsage,
               "r.json: rules[0]: match: \"**/hits\": one * crosses / as it is; write it once",
               read("**/hits"));
  EXPECT_ERROR(kUsage,
               "r.json: rules[0]: match: expected a pattern without spaces, such as \"*/hits\"",
               read(""));
  EXPECT_ERROR(kUsage,
               "r.json: rules[0]: match: expected a pattern without spaces, such as \"*/hits\"",
               read("*/hi ts"));
}

TEST(Rules, ContradictionsAreRefused) {
  const auto read = [](const std::string& rule) { return parse_rules(with_rule(rule), "r"); };
  EXPECT_ERROR(kUsage, "r: rules[0]: min 2 is above max 1: nothing can pass",
               read(R"({"match": "*/a", "class": "bound", "min": 2, "max": 1})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: a rule of class \"bound\" needs min, max or both",
               read(R"({"match": "*/a", "class": "bound"})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: max means nothing to class \"exact\"",
               read(R"({"match": "*/a", "class": "exact", "max": 1})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: tolerance means nothing to class \"time\"",
               read(R"({"match": "*/a", "class": "time", "tolerance": 0.1})"));
  EXPECT_ERROR(kUsage, "r: rules[1]: rules[0] holds \"*/a\" under class \"time\" already",
               read(R"({"match": "*/a", "class": "time"}, {"match": "*/a", "class": "time"})"));
  EXPECT_ERROR(kUsage, "r: the key \"match\" stands twice in one object",
               read(R"({"match": "*/a", "class": "time", "match": "*/b"})"));
}

TEST(Rules, ValuesOutOfRangeAreRefused) {
  const auto defaults = [](const std::string& text) {
    return parse_rules(R"({"schema": 1, "defaults": {)" + text + R"(}, "rules": [
      {"match": "*/a", "class": "time"}]})",
                       "r");
  };
  EXPECT_ERROR(kUsage, "r: defaults.rounds: expected a number from 20 to 100000",
               defaults(R"("rounds": 19)"));
  EXPECT_ERROR(kUsage, "r: defaults.alpha: expected a chance from 0.001 to 0.1, got 0.5",
               defaults(R"("alpha": 0.5)"));
  const auto rule = [](const std::string& text) { return parse_rules(with_rule(text), "r"); };
  EXPECT_ERROR(kUsage, "r: rules[0]: match is missing", rule(R"({"class": "time"})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: class is missing", rule(R"({"match": "*/a"})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: expected an object with match and class", rule("3"));
  EXPECT_ERROR(kUsage, "r: rules[0]: tolerance: expected a share from 0 to below 1, got -0.1",
               rule(R"({"match": "*/a", "class": "exact", "tolerance": -0.1})"));
  EXPECT_ERROR(kUsage, "r: rules[0]: min: expected a number",
               rule(R"({"match": "*/a", "class": "bound", "min": "0.9"})"));
  EXPECT_ERROR(kUsage,
               "r: rules[0]: class: unknown class \"exakt\"; did you mean exact? Valid: "
               "exact, bound, stochastic, time, count",
               rule(R"({"match": "*/a", "class": "exakt"})"));
  EXPECT_ERROR(kUsage, "r: rules: expected a list of at least one rule",
               parse_rules(R"({"schema": 1, "rules": []})", "r"));
  EXPECT_ERROR(kUsage, "r: schema: expected 1, which is the version of rules that is known",
               parse_rules(R"({"schema": 2, "rules": []})", "r"));
}

TEST(Rules, WhatIsNotJsonIsToldWithItsPlace) {
  try {
    parse_rules("{\"schema\": 1,\n \"rules\": [}", "r.json");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("r.json: not valid JSON: "), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
  }
  EXPECT_ERROR(kUsage, "r.json: expected an object with \"schema\" and \"rules\"",
               parse_rules("[]", "r.json"));
}

TEST(Pattern, AStarCrossesSlashes) {
  EXPECT_TRUE(matches("*/hits", "zipf/lru/cache-aside/none/closed/hits"));
  EXPECT_TRUE(matches("*/lru*/hits", "zipf/lru:entries=10/none/hits"));
  EXPECT_TRUE(matches("*", ""));
  EXPECT_TRUE(matches("zipf/hits", "zipf/hits"));
  EXPECT_TRUE(matches("*a*b*", "xxaxxbxx"));
  EXPECT_TRUE(matches("*ab", "aab"));
  EXPECT_FALSE(matches("*/hits", "zipf/lru/write_hits"));
  EXPECT_FALSE(matches("*/lru/hits", "zipf/lru2/hits"));
  EXPECT_FALSE(matches("zipf/*", "hot/zipf/hits"));
  EXPECT_FALSE(matches("a", "ab"));
  EXPECT_FALSE(matches("", "a"));
}

TEST(Pattern, NothingElseIsSpecial) {
  EXPECT_TRUE(matches("*/p[1]?.x", "id/p[1]?.x"));
  EXPECT_FALSE(matches("*/p?", "id/pq"));
}

TEST(Worse, FollowsTheName) {
  GateRule rule;
  rule.type = GateClass::kTime;
  for (const char* name : {"hit_ratio", "throughput_rps", "hits", "capacity.rate_rps"}) {
    EXPECT_EQ(resolve_worse(rule, name), Worse::kDown) << name;
  }
  for (const char* name : {"response_time_ns.get.p99", "misses", "origin.calls", "error_ratio"}) {
    EXPECT_EQ(resolve_worse(rule, name), Worse::kUp) << name;
  }
  rule.type = GateClass::kExact;
  EXPECT_EQ(resolve_worse(rule, "hits"), Worse::kEither);
  rule.worse = Worse::kUp;
  EXPECT_EQ(resolve_worse(rule, "hits"), Worse::kUp);
}

}  // namespace
}  // namespace cachegauge
