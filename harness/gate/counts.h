// Class count: figures that are the same on every run of a build, so that each side is taken once.
#pragma once

#include "harness/gate/rules.h"

namespace cachegauge {

struct MeasuredReport;

// Identical code may differ by so much of the tolerance: in where its memory lies, say.
inline constexpr double kAlikeShare = 0.2;

// Adds a finding for each figure of class count, the candidate against the baseline. If the
// baseline, taken `again`, differs from itself by more than kAlikeShare of the tolerance, something
// in it is left to chance, and the whole report is inconclusive. Throws as find_figures() does.
void judge_counts(const GateRules& rules, const MeasuredReport& baseline,
                  const MeasuredReport& again, const MeasuredReport& candidate, GateReport& report);

}  // namespace cachegauge
