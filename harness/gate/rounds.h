// Two sides measured in turns, and judged: each round runs the baseline, the baseline again and the
// candidate in random order, until the verdict is clear or the budget is spent (paired.h has the
// statistics).
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/clock.h"
#include "harness/core/measured_report.h"
#include "harness/gate/rules.h"

namespace cachegauge {

enum class Arm : uint8_t { kBaseline, kAgain, kCandidate };
using Round = std::array<MeasuredReport, 3>;  // by Arm

struct RoundHooks {
  // Runs the arm once. `padding_bytes` is how much larger its environment is to be made, which
  // moves its stack: by its layout in memory alone the same code may be some per cent faster
  // (Mytkowicz et al., "Producing wrong data without doing anything obviously wrong!", 2009).
  std::function<MeasuredReport(Arm arm, size_t padding_bytes)> measure;
  // Counts what rules of class count name. Empty: it is in the reports of the rounds.
  std::function<MeasuredReport(Arm arm)> count = nullptr;
  std::function<void(uint64_t round, uint64_t rounds, bool confirming)> progress;
  std::function<bool()> interrupted;
  const Clock* clock = nullptr;
};

// Measures and judges. Figures of class count are taken once of each arm, before the rounds; if the
// baseline's differ by more than a fifth of the tolerance, something in it is left to chance, and
// the verdict is inconclusive. Without rules of other classes there are no rounds.
//
// Rules of class time are decided over the rounds; the others over the first rounds, whose results
// count as repetitions. One round more comes first, to see how long it takes,
// and is not used. Where the noise leaves open whether a figure is as much worse as must not go
// unseen, there are more rounds than the rules ask for, as far as the budget goes; then it is
// inconclusive. The report is filled in but for names, context and how to reproduce it.
//
// Throws Error::usage if the budget has no room for the fewest rounds and their confirmation, and
// as find_figures() does; what `measure` throws goes through.
GateReport judge_in_rounds(const GateRules& rules, int64_t budget_ns, const RoundHooks& hooks);

}  // namespace cachegauge
