#include "harness/core/gate_report.h"

#include <algorithm>

namespace cachegauge {

std::string_view gate_class_name(GateClass type) {
  constexpr std::string_view kNames[] = {"exact", "bound", "stochastic", "time", "count"};
  return kNames[static_cast<int>(type)];
}

std::string_view gate_outcome_name(GateOutcome outcome) {
  constexpr std::string_view kNames[] = {"pass", "regression", "inconclusive"};
  return kNames[static_cast<int>(outcome)];
}

std::string_view worse_name(Worse worse) {
  constexpr std::string_view kNames[] = {"either", "up", "down"};
  return kNames[static_cast<int>(worse)];
}

bool GateReport::decides(const GateFinding& finding) const {
  return !finding.advisory && rules[finding.rule].fails;
}

GateOutcome GateReport::outcome() const {
  if (!inconclusive.empty()) return GateOutcome::kInconclusive;
  GateOutcome outcome = GateOutcome::kPass;
  for (const GateFinding& finding : findings) {
    if (!decides(finding) || finding.outcome == GateOutcome::kPass) continue;
    if (finding.outcome == GateOutcome::kRegression) return GateOutcome::kRegression;
    outcome = GateOutcome::kInconclusive;
  }
  return outcome;
}

ExitCode GateReport::exit_code() const {
  if (interrupted) return ExitCode::kInterrupted;
  switch (outcome()) {
    case GateOutcome::kPass:
      return ExitCode::kDone;
    case GateOutcome::kRegression:
      return ExitCode::kRegression;
    case GateOutcome::kInconclusive:
      return ExitCode::kInconclusive;
  }
  return ExitCode::kFailed;
}

std::vector<const GateFinding*> GateReport::troubles() const {
  std::vector<const GateFinding*> found;
  for (const GateFinding& finding : findings) {
    if (finding.outcome != GateOutcome::kPass) found.push_back(&finding);
  }
  std::stable_partition(found.begin(), found.end(),
                        [&](const GateFinding* finding) { return decides(*finding); });
  return found;
}

}  // namespace cachegauge
