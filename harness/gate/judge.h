// Verdicts over stored figures.
#pragma once

#include "harness/gate/figures.h"

namespace cachegauge {

// Fewer repetitions have a range and no interval (harness/core/statistics.h).
inline constexpr size_t kFewestRepetitions = 6;

// exact: the medians are equal, or differ by no more than the tolerance's share of the baseline's;
// a rule whose `worse` is up or down lets the other way pass.
//
// bound: every repetition lies within min and max.
//
// stochastic: a regression where the one-sided bound of the change between the two means lies
// beyond min_effect (bootstrap_mean_change()), or that of the candidate's mean beyond min or max.
// Below six repetitions only what holds for all of them is decided; the rest is inconclusive.
//
// count: as exact.
//
// time: as stochastic, but advisory: stored times were taken in another mood of the machine, or on
// another machine (false alarms of 20 to 40 % on identical code).
GateFinding judge_figure(const GateFigure& figure, const GateRules& rules);

// Every rule over two reports that were taken at some time; the baseline may be null, as for
// find_figures(). Fills in what the report says of rules, findings, warnings and how to reproduce a
// regression.
GateReport judge_stored(const GateRules& rules, const MeasuredReport* baseline,
                        const MeasuredReport& candidate);

// What a baseline keeps of a report: the figures that rules of the classes exact, stochastic and
// count name. Throws as find_figures() does, and Error::usage if there are none.
MeasuredReport keep_named(const GateRules& rules, const MeasuredReport& report);

}  // namespace cachegauge
