#include "harness/gate/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/statistics.h"
#include "harness/gate/bootstrap.h"

namespace cachegauge {
namespace {

using Values = std::vector<double>;

GateFinding start(const GateFigure& figure) {
  GateFinding finding{.rule = figure.rule, .id = figure.id, .metric = figure.metric};
  finding.candidate = summarize(figure.candidate).median;
  finding.samples = figure.candidate.size();
  if (figure.baseline.empty()) return finding;
  finding.baseline = summarize(figure.baseline).median;
  if (*finding.baseline == *finding.candidate) {
    finding.change = 0;
  } else if (*finding.baseline != 0) {
    finding.change = (*finding.candidate - *finding.baseline) / std::abs(*finding.baseline);
  }
  return finding;
}

void judge_exact(const GateRule& rule, GateFinding& finding) {
  const double difference = *finding.candidate - *finding.baseline;
  const double allowed = rule.tolerance * std::abs(*finding.baseline);
  const Worse worse = resolve_worse(rule, finding.metric);
  const bool is_worse = (worse != Worse::kDown && difference > allowed) ||
                        (worse != Worse::kUp && difference < -allowed);
  if (!is_worse) return;
  finding.outcome = GateOutcome::kRegression;
  finding.why = rule.tolerance > 0
                    ? fmt::format("differs by more than the tolerance of {}", rule.tolerance)
                    : std::string("is not what it was");
}

void judge_bound(const GateRule& rule, const Values& values, GateFinding& finding) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  // Of several repetitions the one that is out is shown.
  if (rule.min && *least < *rule.min) {
    finding.candidate = *least;
    finding.why = fmt::format("is below the bound, {}", *rule.min);
  } else if (rule.max && *most > *rule.max) {
    finding.candidate = *most;
    finding.why = fmt::format("is above the bound, {}", *rule.max);
  }
  if (!finding.why.empty()) finding.outcome = GateOutcome::kRegression;
}

std::string too_few(size_t repetitions) {
  return fmt::format(
      "cannot be told from chance by {} repetition{}: take {} or more on each side (--repeat {})",
      repetitions, repetitions == 1 ? "" : "s", kFewestRepetitions, kFewestRepetitions);
}

// Bounds from theory, on the candidate alone: crossed for certain, or not, or it cannot be said.
void judge_limits(const GateRule& rule, const GateRules& rules, const Values& values,
                  GateFinding& finding) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  Estimate mean{0, *least, *most};
  const bool interval = values.size() >= kFewestRepetitions;
  if (interval) mean = bootstrap_mean(values, rules.alpha, rules.seed);
  const double max = rule.max.value_or(HUGE_VAL), min = rule.min.value_or(-HUGE_VAL);
  if (mean.low > max || mean.high < min) {
    finding.outcome = GateOutcome::kRegression;
    finding.why = mean.low > max ? fmt::format("is above the bound, {}", max)
                                 : fmt::format("is below the bound, {}", min);
  } else if (!interval && (mean.high > max || mean.low < min)) {
    finding.outcome = GateOutcome::kInconclusive;
    finding.why = too_few(values.size());
  }
}

// Whether a change between these bounds is one for the worse.
bool beyond(const GateRule& rule, Worse worse, double low, double high) {
  return (worse != Worse::kDown && low > rule.min_effect) ||
         (worse != Worse::kUp && high < -rule.min_effect);
}

void judge_change(const GateRule& rule, const GateRules& rules, const GateFigure& figure,
                  GateFinding& finding) {
  const Values &old = figure.baseline, &now = figure.candidate;
  const Worse worse = resolve_worse(rule, figure.metric);
  if (old.size() >= kFewestRepetitions && now.size() >= kFewestRepetitions) {
    const Estimate change = bootstrap_mean_change(old, now, rules.alpha, rules.seed);
    if (std::isfinite(change.value)) finding.change = change.value;
    if (std::isfinite(change.low)) finding.change_low = change.low;
    if (std::isfinite(change.high)) finding.change_high = change.high;
    if (!beyond(rule, worse, change.low, change.high)) return;
    finding.outcome = GateOutcome::kRegression;
    finding.why = fmt::format("changed by more than {} beyond chance", rule.min_effect);
    return;
  }
  // From 0 any change is without bound.
  const double change = finding.change.value_or(std::copysign(HUGE_VAL, *finding.candidate));
  if (!beyond(rule, worse, change, change)) return;
  finding.outcome = GateOutcome::kInconclusive;
  finding.why = too_few(std::min(old.size(), now.size()));
}

// Counts of real time depend on who came first.
void warn_of_real_time(const std::vector<GateFigure>& figures, GateReport& report) {
  for (const GateFigure& figure : figures) {
    if (figure.time != "real" || report.rules[figure.rule].type != GateClass::kExact) continue;
    if (report.rules[figure.rule].tolerance > 0) continue;
    report.warnings.push_back(fmt::format(
        "{}/{} was taken in real time, where counts may vary by themselves: give the rule a "
        "tolerance, or the class \"stochastic\" with --repeat {}",
        figure.id, figure.metric, kFewestRepetitions));
    return;
  }
}

void warn_of_sides(const MeasuredReport& baseline, const MeasuredReport& candidate,
                   GateReport& report) {
  if (!baseline.experiment_hash.empty() && !candidate.experiment_hash.empty() &&
      baseline.experiment_hash != candidate.experiment_hash) {
    report.warnings.push_back(fmt::format(
        "{} and {} were taken with different flags (experiment {} and {}): what differs "
        "may come from those",
        baseline.name, candidate.name, baseline.experiment_hash, candidate.experiment_hash));
  }
  if (!baseline.kind.empty() && baseline.kind != candidate.kind) {
    throw Error::failed(fmt::format("{} is of kind \"{}\" and {} of kind \"{}\": give two alike",
                                    baseline.name, baseline.kind, candidate.name, candidate.kind));
  }
}

// Of the first result that has a regression.
std::string command_for(const GateReport& report, const MeasuredReport& candidate) {
  for (const GateFinding* finding : report.troubles()) {
    for (const MeasuredResult& result : candidate.results) {
      if (result.id == finding->id) return result.command;
    }
  }
  return candidate.results.front().command;
}

}  // namespace

GateFinding judge_figure(const GateFigure& figure, const GateRules& rules) {
  const GateRule& rule = rules.rules[figure.rule];
  GateFinding finding = start(figure);
  switch (rule.type) {
    case GateClass::kExact:
    case GateClass::kCount:
      judge_exact(rule, finding);
      break;
    case GateClass::kBound:
      judge_bound(rule, figure.candidate, finding);
      break;
    case GateClass::kStochastic:
      if (rule.min || rule.max) judge_limits(rule, rules, figure.candidate, finding);
      if (finding.outcome == GateOutcome::kPass && !figure.baseline.empty()) {
        judge_change(rule, rules, figure, finding);
      }
      break;
    case GateClass::kTime:
      finding.advisory = true;
      judge_change(rule, rules, figure, finding);
      break;
  }
  return finding;
}

GateReport judge_stored(const GateRules& rules, const MeasuredReport* baseline,
                        const MeasuredReport& candidate) {
  GateReport report;
  report.mode = "stored";
  report.baseline = baseline ? baseline->name : std::string();
  report.candidate = candidate.name;
  report.rules = rules.rules;
  report.alpha = rules.alpha;
  report.seed = rules.seed;
  if (baseline) warn_of_sides(*baseline, candidate, report);
  report.warnings.insert(report.warnings.end(), candidate.hazards.begin(), candidate.hazards.end());
  const std::vector<GateFigure> figures =
      find_figures(rules.rules, baseline, candidate, SameBy::kId);
  for (const GateFigure& figure : figures) report.findings.push_back(judge_figure(figure, rules));
  warn_of_real_time(figures, report);
  report.reproduce = command_for(report, candidate);
  return report;
}

MeasuredReport keep_named(const GateRules& rules, const MeasuredReport& report) {
  MeasuredReport kept = report;
  for (MeasuredResult& result : kept.results) result.metrics.clear();
  size_t count = 0;
  for (const GateFigure& figure : find_figures(rules.rules, &report, report, SameBy::kId)) {
    const GateClass type = rules.rules[figure.rule].type;
    if (type == GateClass::kBound || type == GateClass::kTime) continue;
    ++count;
    for (size_t i = 0; i < report.results.size(); ++i) {
      if (report.results[i].id != figure.id) continue;
      kept.results[i].metrics[figure.metric] = report.results[i].metrics.at(figure.metric);
    }
  }
  if (count == 0) {
    throw Error::usage(
        "no rule of class \"exact\", \"stochastic\" or \"count\" names a figure of this report, so "
        "a baseline would hold nothing");
  }
  return kept;
}

}  // namespace cachegauge
