#include "harness/gate/counts.h"

#include <fmt/format.h>

#include <cmath>

#include "harness/gate/figures.h"
#include "harness/gate/judge.h"

namespace cachegauge {

void judge_counts(const GateRules& rules, const MeasuredReport& baseline,
                  const MeasuredReport& again, const MeasuredReport& candidate,
                  GateReport& report) {
  const SameBy same = same_by(baseline, candidate);
  const GateClasses counted = class_bit(GateClass::kCount);
  const auto figures = find_figures(rules.rules, &baseline, candidate, same, counted);
  const auto repeated = find_figures(rules.rules, &baseline, again, same, counted);
  for (size_t i = 0; i < figures.size(); ++i) {
    GateFinding finding = judge_figure(figures[i], rules);
    const GateFinding itself = judge_figure(repeated.at(i), rules);
    finding.again_low = finding.again_high = itself.change;
    const double allowed = rules.rules[finding.rule].tolerance * kAlikeShare;
    if (!itself.change || std::abs(*itself.change) > allowed) {
      finding.outcome = GateOutcome::kInconclusive;
      finding.why =
          fmt::format("the baseline was {} once, and then {}", *itself.baseline, *itself.candidate);
      report.inconclusive = fmt::format(
          "{}/{} of identical code differs, so something in it is left to time or chance: a seed, "
          "an address, a second thread",
          finding.id, finding.metric);
    }
    report.findings.push_back(std::move(finding));
  }
}

}  // namespace cachegauge
