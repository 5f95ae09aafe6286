// The rules of a gate, and the JSON they are written in:
//
//   {"schema": 1,
//    "defaults": {"rounds": 40, "alpha": 0.025, "confirm": 2, "seed": 1, "min_effect": 0.01,
//                 "detect": 0.05},
//    "rules": [
//     {"match": "*/hits", "class": "exact"},
//     {"match": "*/hit_ratio", "class": "bound", "min": 0.9},
//     {"match": "*/origin_calls_per_expiry", "class": "stochastic", "max": 1.05},
//     {"match": "*/instructions_per_request", "class": "count", "tolerance": 0.005},
//     {"match": "*/response_time_ns.get.p99", "class": "time", "min_effect": 0.1,
//      "severity": "warn"}]}
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/gate_report.h"

namespace cachegauge {

struct GateRules {
  uint64_t rounds = 40;  // before a confirmation, and more where the noise asks for it
  uint64_t confirm = 2;  // times as many rounds, or more, confirm what is suspected
  double alpha = 0.025;  // chance of each one-sided bound to miss
  uint64_t seed = 1;     // of resampling, and of the order within rounds
  std::vector<GateRule> rules;
};

// A set of classes.
using GateClasses = unsigned;
inline constexpr GateClasses kEveryClass = ~0u;
constexpr GateClasses class_bit(GateClass type) { return 1u << static_cast<int>(type); }

// Of class count, unless the rule says another. Identical code differs by less than a fifth of it.
inline constexpr double kCountTolerance = 0.005;

// Below it a bootstrap interval of a median is too narrow, and a busy second decides.
inline constexpr uint64_t kFewestRounds = 20;

// Throws Error::usage with the file and the place in it ("r.json: rules[2].match: …") for what is
// not JSON, keys and values that are not known, patterns that can match nothing, and rules that
// contradict themselves or each other.
GateRules parse_rules(std::string_view text, std::string_view file);

// What is held when no rules are given, as text that parse_rules() takes: of stored reports, and of
// two sides that are measured in turns, whose counts may differ by design.
std::string_view default_rules();
std::string_view default_paired_rules();

// `pattern` against the whole of `text`.
bool matches(std::string_view pattern, std::string_view text);

// In which direction a metric of this name is worse: ratios, rates and hits when they fall, the
// others when they rise.
Worse resolve_worse(const GateRule& rule, std::string_view metric);

}  // namespace cachegauge
