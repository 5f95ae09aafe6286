#include "harness/gate/paired.h"

#include <algorithm>
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

// How far the change lies on the worse side at the least, in logs; below 0: it may be none.
double certain(const Estimate& effect, Worse worse) {
  switch (worse) {
    case Worse::kUp:
      return effect.low;
    case Worse::kDown:
      return -effect.high;
    case Worse::kEither:
      break;
  }
  return std::max(effect.low, -effect.high);
}

Estimate as_log_ratio(const Estimate& change) {
  return {std::log1p(change.value), std::log1p(change.low), std::log1p(change.high)};
}

// A suspicion is read off bounds that miss with a chance of `suspicion`, all else at alpha.
PairedView view(const PairedSamples& samples, const PairedSettings& settings, double suspicion) {
  const Effects effects = effects_of(samples);
  const ResampledMedian candidate = resample_median(effects.candidate, 2, settings.seed);
  const ResampledMedian again = resample_median(effects.again, 1, settings.seed + 1);
  const Estimate bounds = candidate.bounds(settings.alpha);
  const Estimate bounds_again = again.bounds(settings.alpha);
  const double least = std::log1p(settings.min_effect);
  PairedView view;
  view.change = as_change(bounds);
  view.again = as_change(bounds_again);
  view.is_worse = beyond(candidate.bounds(suspicion), settings.worse, least);
  view.is_unlike = beyond(again.bounds(suspicion), Worse::kEither, least);
  view.is_ruled_out = below(bounds, settings.worse, std::log1p(settings.detect));
  view.clearly_fine =
      below(bounds, settings.worse, least) && !beyond(bounds_again, Worse::kEither, least);
  return view;
}

}  // namespace

PairedView view_rounds(const PairedSamples& samples, const PairedSettings& settings) {
  return view(samples, settings, settings.alpha);
}

PairedView view_first_rounds(const PairedSamples& samples, const PairedSettings& settings) {
  return view(samples, settings, kSuspicionFactor * settings.alpha);
}

uint64_t rounds_to_tell(const PairedView& view, uint64_t rounds, const PairedSettings& settings) {
  constexpr double kMost = 1e6;
  const Estimate effect = as_log_ratio(view.change);
  const double far = std::max(std::log1p(settings.detect), certain(effect, settings.worse));
  const double apart = far - std::log1p(settings.min_effect);
  // Where bounds of two changes meet in the middle between them, each excludes the other.
  const double ratio = (effect.high - effect.low) / apart;
  return static_cast<uint64_t>(
      std::min(kMost, std::ceil(static_cast<double>(rounds) * ratio * ratio)));
}

bool is_invalid(const PairedView& first, const std::optional<PairedView>& confirmation) {
  return first.is_unlike && confirmation && confirmation->is_unlike;
}

GateOutcome decide(const PairedView& first, const std::optional<PairedView>& confirmation) {
  if (is_invalid(first, confirmation)) return GateOutcome::kInconclusive;
  if (first.is_worse && confirmation && confirmation->is_worse) return GateOutcome::kRegression;
  // What was suspected is cleared by the rounds that were to confirm it.
  const bool is_ruled_out =
      (!first.is_worse && first.is_ruled_out) || (confirmation && confirmation->is_ruled_out);
  return is_ruled_out ? GateOutcome::kPass : GateOutcome::kInconclusive;
}

}  // namespace cachegauge
