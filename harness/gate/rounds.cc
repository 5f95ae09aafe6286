#include "harness/gate/rounds.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "harness/core/random.h"
#include "harness/core/statistics.h"
#include "harness/core/units.h"
#include "harness/gate/counts.h"
#include "harness/gate/figures.h"
#include "harness/gate/judge.h"
#include "harness/gate/paired.h"

namespace cachegauge {
namespace {

// A random part of a page or more, so that the stack begins anywhere in one.
constexpr size_t kMostPaddingBytes = 8192;
// After how many rounds more a clear pass is looked for.
constexpr uint64_t kLookEvery = 10;

const MeasuredReport& arm_of(const Round& round, Arm arm) {
  return round[static_cast<size_t>(arm)];
}

// The figures of one metric, round by round.
struct Pairing {
  GateFigure figure;  // of the first round
  PairedSamples samples;
};

struct FirstView {
  Pairing pairing;
  PairedView view;
};

double middle(const std::vector<double>& values, const GateFigure& figure) {
  const double median = summarize(values).median;
  if (median > 0) return median;
  throw Error::failed(fmt::format(
      "{}/{} is {} in a round, and class \"time\" takes ratios; hold it by another class",
      figure.id, figure.metric, median));
}

std::vector<Pairing> pair_figures(const GateRules& rules, const std::vector<Round>& rounds,
                                  GateClasses classes) {
  std::vector<Pairing> pairings;
  for (const Round& round : rounds) {
    const MeasuredReport& baseline = arm_of(round, Arm::kBaseline);
    const MeasuredReport& candidate = arm_of(round, Arm::kCandidate);
    const SameBy same = same_by(baseline, candidate);
    const auto figures = find_figures(rules.rules, &baseline, candidate, same, classes);
    const auto again =
        find_figures(rules.rules, &baseline, arm_of(round, Arm::kAgain), same, classes);
    size_t place = 0;
    for (size_t i = 0; i < figures.size(); ++i) {
      if (rules.rules[figures[i].rule].type != GateClass::kTime) continue;
      if (&round == &rounds.front()) pairings.push_back({figures[i], {}});
      if (figures.size() != again.size() || place == pairings.size() ||
          pairings[place].figure.id != figures[i].id ||
          pairings[place].figure.metric != figures[i].metric) {
        throw Error::failed("the rounds have different results, so they cannot be compared");
      }
      PairedSamples& samples = pairings[place++].samples;
      samples.baseline.push_back(middle(figures[i].baseline, figures[i]));
      samples.again.push_back(middle(again[i].candidate, figures[i]));
      samples.candidate.push_back(middle(figures[i].candidate, figures[i]));
    }
  }
  return pairings;
}

// One side over all rounds, as repetitions.
MeasuredReport merge(const std::vector<Round>& rounds, Arm arm) {
  MeasuredReport merged = arm_of(rounds.front(), arm);
  for (size_t i = 1; i < rounds.size(); ++i) {
    const auto& results = arm_of(rounds[i], arm).results;
    merged.results.insert(merged.results.end(), results.begin(), results.end());
  }
  return merged;
}

class RoundGate {
 public:
  RoundGate(const GateRules& rules, int64_t budget_ns, const RoundHooks& hooks)
      : rules_(rules),
        budget_ns_(budget_ns),
        hooks_(hooks),
        in_rounds_(hooks.count ? ~class_bit(GateClass::kCount) : kEveryClass),
        started_ns_(hooks.clock->now_ns()),
        random_(random_stream(rules.seed, 1)) {}

  GateReport run() {
    report_.rules = rules_.rules;
    report_.alpha = rules_.alpha;
    report_.seed = rules_.seed;
    if (hooks_.count) count();
    if (hooks_.interrupted() || !any_rule_of(in_rounds_)) return finish();
    collect(first_, rounds_within_budget(), false);
    while (first_.size() >= kFewestRounds && !hooks_.interrupted() && !is_settled()) {
      const uint64_t rounds = next_look();
      if (rounds == first_.size()) break;
      collect(first_, rounds, false);
    }
    if (hooks_.interrupted() || first_.size() < kFewestRounds) return give_up();
    if (any_suspected()) {
      collect(confirmation_, confirming_rounds(), true);
      if (confirmation_.size() < kFewestRounds) return give_up();
    }
    judge();
    return finish();
  }

 private:
  int64_t spent_ns() const { return hooks_.clock->now_ns() - started_ns_; }

  bool any_rule_of(GateClasses classes) const {
    return std::any_of(rules_.rules.begin(), rules_.rules.end(),
                       [&](const GateRule& rule) { return classes & class_bit(rule.type); });
  }

  std::vector<Pairing> pair(const std::vector<Round>& rounds) const {
    return pair_figures(rules_, rounds, in_rounds_);
  }

  void count() {
    Round round;
    for (Arm arm : {Arm::kBaseline, Arm::kAgain, Arm::kCandidate}) {
      round[static_cast<size_t>(arm)] = hooks_.count(arm);
      if (hooks_.interrupted()) return;
    }
    judge_counts(rules_, arm_of(round, Arm::kBaseline), arm_of(round, Arm::kAgain),
                 arm_of(round, Arm::kCandidate), report_);
  }

  PairedSettings settings_of(const GateFigure& figure) const {
    const GateRule& rule = rules_.rules[figure.rule];
    return {.worse = resolve_worse(rule, figure.metric),
            .min_effect = rule.min_effect,
            .detect = rule.detect,
            .alpha = rules_.alpha,
            .seed = rules_.seed};
  }

  Round run_round() {
    std::array<Arm, 3> order = {Arm::kBaseline, Arm::kAgain, Arm::kCandidate};
    for (size_t left = order.size(); left > 1; --left) {
      std::swap(order[left - 1], order[random_.below(left)]);
    }
    const int64_t before_ns = spent_ns();
    Round round;
    for (Arm arm : order) {
      if (hooks_.interrupted()) break;
      round[static_cast<size_t>(arm)] = hooks_.measure(arm, random_.below(kMostPaddingBytes));
    }
    in_rounds_ns_ += spent_ns() - before_ns;
    ++rounds_made_;
    return round;
  }

  // So many still end within the budget, if they take as long as those before.
  uint64_t room() const {
    const int64_t round_ns = in_rounds_ns_ / std::max<int64_t>(1, rounds_made_);
    return static_cast<uint64_t>(std::max<int64_t>(0, budget_ns_ - spent_ns()) /
                                 std::max<int64_t>(1, round_ns));
  }

  // Of the first set, so that it and its confirmation end in time. The round that is timed also
  // shows whether the rules match.
  uint64_t rounds_within_budget() {
    const Round round = run_round();
    if (hooks_.interrupted()) return 0;
    pair({round});
    const uint64_t rounds = std::min(rules_.rounds, room() / (1 + rules_.confirm));
    if (rounds >= kFewestRounds) return rounds;
    const int64_t round_ns = in_rounds_ns_;
    const uint64_t fewest = kFewestRounds * (1 + rules_.confirm);
    throw Error::usage(fmt::format(
        "a round takes {}, and {} rounds with {} to confirm them have no room in --budget {}: make "
        "the runs shorter (--limit, --duration), or give --budget {}s",
        format_duration(static_cast<double>(round_ns)), kFewestRounds, fewest - kFewestRounds,
        format_duration(static_cast<double>(budget_ns_)),
        round_ns / 1'000'000'000 * static_cast<int64_t>(fewest) + static_cast<int64_t>(fewest)));
  }

  void collect(std::vector<Round>& rounds, uint64_t count, bool confirming) {
    while (rounds.size() < count && room() > 0) {
      hooks_.progress(rounds.size() + 1, count, confirming);
      Round round = run_round();
      if (hooks_.interrupted()) return;
      rounds.push_back(std::move(round));
      const bool look = rounds.size() >= kFewestRounds && rounds.size() % kLookEvery == 0;
      if (!confirming && look && rounds.size() < rules_.rounds && is_clearly_fine()) return;
    }
  }

  // The first rounds are enough: a suspicion is there to be confirmed, or every figure that decides
  // passes.
  bool is_settled() {
    view_first();
    if (any_suspected()) return true;
    return std::all_of(views_.begin(), views_.end(), [&](const FirstView& first) {
      return first.view.is_ruled_out || !rules_.rules[first.pairing.figure.rule].fails;
    });
  }

  bool any_suspected() const {
    return std::any_of(views_.begin(), views_.end(),
                       [](const FirstView& first) { return needs_confirmation(first.view); });
  }

  // How many first rounds to have when they are looked at next: half as many again while that
  // leaves room to confirm a suspicion, then all that there is room for.
  uint64_t next_look() const {
    const uint64_t now = first_.size(), most = now + room();
    const uint64_t with_confirmation = most / (1 + rules_.confirm);
    return with_confirmation > now ? std::min(now + now / 2, with_confirmation) : most;
  }

  // As many as the rules ask for, and in much noise as many as show what is to be detected.
  uint64_t confirming_rounds() const {
    uint64_t rounds = first_.size() * rules_.confirm;
    for (const FirstView& first : views_) {
      const bool is_open = needs_confirmation(first.view) || !first.view.is_ruled_out;
      if (!is_open || !rules_.rules[first.pairing.figure.rule].fails) continue;
      rounds = std::max(
          rounds, rounds_to_tell(first.view, first_.size(), settings_of(first.pairing.figure)));
    }
    return rounds;
  }

  // To stop early for a pass gives no chance for a false alarm, so it needs no correction.
  bool is_clearly_fine() const {
    const std::vector<Pairing> pairings = pair(first_);
    return std::all_of(pairings.begin(), pairings.end(), [&](const Pairing& pairing) {
      return view_rounds(pairing.samples, settings_of(pairing.figure)).clearly_fine;
    });
  }

  void view_first() {
    views_.clear();
    for (Pairing& pairing : pair(first_)) {
      const PairedView view = view_first_rounds(pairing.samples, settings_of(pairing.figure));
      views_.push_back({std::move(pairing), view});
    }
  }

  void judge() {
    const std::vector<Pairing> confirming =
        confirmation_.empty() ? std::vector<Pairing>() : pair(confirmation_);
    for (size_t i = 0; i < views_.size(); ++i) {
      std::optional<PairedView> confirmation;
      const GateFigure& figure = views_[i].pairing.figure;
      if (!confirming.empty()) {
        confirmation = view_rounds(confirming[i].samples, settings_of(figure));
      }
      const PairedSamples& shown = confirmation ? confirming[i].samples : views_[i].pairing.samples;
      add_finding(figure, shown, views_[i].view, confirmation);
    }
    judge_repetitions();
    std::stable_sort(report_.findings.begin(), report_.findings.end(),
                     [](const auto& a, const auto& b) { return a.rule < b.rule; });
  }

  void add_finding(const GateFigure& figure, const PairedSamples& samples, const PairedView& first,
                   const std::optional<PairedView>& confirmation) {
    const PairedView& view = confirmation ? *confirmation : first;
    GateFinding finding{.rule = figure.rule, .id = figure.id, .metric = figure.metric};
    finding.outcome = decide(first, confirmation);
    finding.baseline = summarize(samples.baseline).median;
    finding.candidate = summarize(samples.candidate).median;
    finding.change = view.change.value;
    finding.change_low = view.change.low;
    finding.change_high = view.change.high;
    finding.again_low = view.again.low;
    finding.again_high = view.again.high;
    finding.samples = samples.baseline.size();
    finding.confirmed = first.is_worse && confirmation.has_value();
    const double least = rules_.rules[figure.rule].min_effect;
    if (finding.outcome == GateOutcome::kRegression) {
      finding.why = fmt::format("worse by more than {} beyond chance", least);
    } else if (finding.outcome == GateOutcome::kInconclusive) {
      finding.why = fmt::format(
          "too noisy to rule out a change of {}: take longer runs or a quieter machine, or give a "
          "longer --budget",
          rules_.rules[figure.rule].detect);
    }
    if (is_invalid(first, confirmation)) {
      finding.why = fmt::format("the baseline differs from itself by more than {}, twice", least);
      report_.inconclusive = fmt::format(
          "identical code was told apart ({}/{} of the baseline against itself), so this machine "
          "cannot tell now; try again, or with longer runs",
          figure.id, figure.metric);
    }
    report_.findings.push_back(std::move(finding));
  }

  // Everything but times, with rounds for repetitions.
  void judge_repetitions() {
    const MeasuredReport baseline = merge(first_, Arm::kBaseline);
    const MeasuredReport candidate = merge(first_, Arm::kCandidate);
    const SameBy same = same_by(baseline, candidate);
    for (const GateFigure& figure :
         find_figures(rules_.rules, &baseline, candidate, same, in_rounds_)) {
      if (rules_.rules[figure.rule].type == GateClass::kTime) continue;
      report_.findings.push_back(judge_figure(figure, rules_));
    }
    report_.warnings.insert(report_.warnings.end(), candidate.hazards.begin(),
                            candidate.hazards.end());
  }

  GateReport give_up() {
    if (!hooks_.interrupted()) {
      report_.inconclusive = fmt::format(
          "the budget was spent after {} rounds and {} to confirm them: rounds took longer than "
          "the "
          "first did; give a longer --budget",
          first_.size(), confirmation_.size());
    }
    return finish();
  }

  GateReport finish() {
    report_.rounds = first_.size();
    report_.confirming_rounds = confirmation_.size();
    report_.interrupted = hooks_.interrupted();
    report_.duration_s = static_cast<double>(spent_ns()) / 1e9;
    return std::move(report_);
  }

  const GateRules& rules_;
  int64_t budget_ns_;
  const RoundHooks& hooks_;
  const GateClasses in_rounds_;  // what the rounds decide
  int64_t started_ns_;
  SplitMix64 random_;
  std::vector<Round> first_, confirmation_;
  std::vector<FirstView> views_;  // of first_, by figure
  int64_t in_rounds_ns_ = 0, rounds_made_ = 0;
  GateReport report_;
};

}  // namespace

GateReport judge_in_rounds(const GateRules& rules, int64_t budget_ns, const RoundHooks& hooks) {
  return RoundGate(rules, budget_ns, hooks).run();
}

}  // namespace cachegauge
