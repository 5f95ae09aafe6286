#include "harness/gate/paired.h"

#include <cmath>

namespace cachegauge {
namespace {

// Log ratios by round: two of the candidate, one of the baseline again.
struct Effects {
  std::vector<double> candidate, again;
};

Effects effects_of(const PairedSamples& samples) {
  Effects effects;
  for (size_t i = 0; i < samples.baseline.size(); ++i) {
    const double a = std::log(samples.baseline[i]), again = std::log(samples.again[i]);
    const double candidate = std::log(samples.candidate[i]);
    effects.candidate.push_back(candidate - a);
    effects.candidate.push_back(candidate - again);
    effects.again.push_back(again - a);
  }
  return effects;
}

// The bound that has to pass min_effect for the change to be one for the worse.
bool beyond(const Estimate& effect, Worse worse, double least) {
  const bool up = effect.low > least, down = effect.high < -least;
  switch (worse) {
    case Worse::kUp:
      return up;
    case Worse::kDown:
      return down;
    case Worse::kEither:
      return up || down;
  }
  return false;
}

bool below(const Estimate& effect, Worse worse, double least) {
  const bool not_up = effect.high < least;
  const bool not_down = effect.low > -least;
  switch (worse) {
    case Worse::kUp:
      return not_up;
    case Worse::kDown:
      return not_down;
    case Worse::kEither:
      return not_up && not_down;
  }
  return false;
}

Estimate as_change(const Estimate& log_ratio) {
  return {std::expm1(log_ratio.value), std::expm1(log_ratio.low), std::expm1(log_ratio.high)};
}

}  // namespace

PairedView view_rounds(const PairedSamples& samples, const PairedSettings& settings) {
  const Effects effects = effects_of(samples);
  const Estimate candidate = bootstrap_median(effects.candidate, 2, settings.alpha, settings.seed);
  const Estimate again = bootstrap_median(effects.again, 1, settings.alpha, settings.seed + 1);
  const double least = std::log1p(settings.min_effect);
  PairedView view;
  view.change = as_change(candidate);
  view.again = as_change(again);
  view.is_worse = beyond(candidate, settings.worse, least);
  view.is_unlike = beyond(again, Worse::kEither, least);
  view.clearly_fine = below(candidate, settings.worse, least) && !view.is_unlike;
  return view;
}

PairedView view_first_rounds(const PairedSamples& samples, const PairedSettings& settings) {
  PairedSettings loose = settings;
  loose.alpha *= kSuspicionFactor;
  PairedView view = view_rounds(samples, loose);
  // A clear pass ends the rounds early, so it takes the narrower chance.
  view.clearly_fine = view.clearly_fine && view_rounds(samples, settings).clearly_fine;
  return view;
}

bool is_invalid(const PairedView& first, const std::optional<PairedView>& confirmation) {
  return first.is_unlike && confirmation && confirmation->is_unlike;
}

GateOutcome decide(const PairedView& first, const std::optional<PairedView>& confirmation) {
  if (is_invalid(first, confirmation)) return GateOutcome::kInconclusive;
  if (!first.is_worse) return GateOutcome::kPass;
  if (!confirmation) return GateOutcome::kInconclusive;
  return confirmation->is_worse ? GateOutcome::kRegression : GateOutcome::kPass;
}

}  // namespace cachegauge
