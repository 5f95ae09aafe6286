// Which figures of two reports the rules are about: each id/metric that a rule matches, with its
// values on both sides.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "harness/core/measured_report.h"
#include "harness/gate/rules.h"

namespace cachegauge {

struct GateFigure {
  size_t rule = 0;  // its place among the rules
  std::string id, metric;
  std::string time;  // of the result; may be empty
  std::vector<double> baseline,
      candidate;  // over repetitions; without a baseline the first is empty
};

// How results of the two sides are told to be the same.
enum class SameBy : uint8_t {
  kId,
  kMatchKey,  // all but the adapter: for one adapter against another
};

// In the order of rules, then ids, then metrics. `baseline` may be null where no rule needs one
// (needs_baseline()). Rules of other classes than `classes` are passed over. A figure that is null
// on both sides is passed over; times are, where the baseline is one that `--update-baseline`
// wrote.
//
// Throws Error::usage for a rule that matches nothing and is not optional, and where no rule
// matches anything; Error::failed for an id or metric that one side lacks, and for different
// requests (fingerprints) on the two sides.
std::vector<GateFigure> find_figures(std::span<const GateRule> rules,
                                     const MeasuredReport* baseline,
                                     const MeasuredReport& candidate, SameBy same_by,
                                     GateClasses classes = kEveryClass);

// Bounds do not, nor do stochastic rules with a min or max.
bool needs_baseline(const GateRule& rule);

// kId if both sides have the same ids, else kMatchKey.
SameBy same_by(const MeasuredReport& baseline, const MeasuredReport& candidate);

}  // namespace cachegauge
