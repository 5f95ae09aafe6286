// The decision over paired rounds. A round runs the baseline, the baseline again, and the
// candidate, in random order, so that all three meet the machine in the same mood; each round gives
// one ratio. Pure: a function of the samples, so that it can be tried out on recorded rounds
// (scripts/bench/gate_power).
//
// A round has two log ratios: the candidate against the baseline, and against the baseline again.
// The effect is the median of those of all rounds, with bounds from resampling whole rounds.
// (Against one baseline it would vary by a fifth more; against the mean of both, one run that was
// held up would spoil the round.) A metric is *suspected* where the bound of the median lies beyond
// the smallest effect that counts. What is suspected is measured again, with more rounds, and is a
// regression only if they say so by themselves: a chance finding seldom comes twice.
//
// That nothing was seen is no pass: in much noise nothing is. A metric passes where its other bound
// rules out the effect that must not go unseen (`detect`), so that code which is as much worse
// passes with a chance of alpha at a look: a test of non-inferiority (Schuirmann, "A comparison of
// the two one-sided tests procedure and the power approach for assessing the equivalence of average
// bioavailability", 1987). What neither bound settles wants more rounds, and is inconclusive
// without them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/gate_report.h"
#include "harness/gate/bootstrap.h"

namespace cachegauge {

// Of one metric, by round; of equal length, all above 0.
struct PairedSamples {
  std::vector<double> baseline, again, candidate;
};

struct PairedSettings {
  Worse worse = Worse::kUp;  // kEither: any change beyond min_effect is a regression
  double min_effect = 0.01;  // in the ratio: 1.01 of what is worse when it rises, else 1 / 1.01
  double detect = 0.05;      // likewise, and larger
  double alpha = 0.025;
  uint64_t seed = 1;
};

// What one set of rounds says.
struct PairedView {
  Estimate change;            // candidate / baseline - 1
  Estimate again;             // baseline again / baseline - 1
  bool is_worse = false;      // the bound lies beyond min_effect
  bool is_unlike = false;     // the two baselines differ by more than min_effect, whichever way
  bool is_ruled_out = false;  // the other bound lies below `detect`
  bool clearly_fine = false;  // it lies even below min_effect, and the baselines are alike
};
PairedView view_rounds(const PairedSamples& samples, const PairedSettings& settings);

// To raise a suspicion costs rounds, and not to raise it costs the regression: in the first rounds
// is_worse and is_unlike are read off bounds that miss so many times as often as alpha.
inline constexpr double kSuspicionFactor = 4;
PairedView view_first_rounds(const PairedSamples& samples, const PairedSettings& settings);

inline bool needs_confirmation(const PairedView& first) {
  return first.is_worse || first.is_unlike;
}

// How many rounds tell min_effect from `detect`, or from the change that is certain if that is
// more: of a change of either size, the bound then misses the other with a chance of alpha. From
// the bounds that `rounds` rounds have, since these draw nearer with the root of their number.
uint64_t rounds_to_tell(const PairedView& view, uint64_t rounds, const PairedSettings& settings);

// `confirmation` is asked for where any metric that was measured needs one; without it, what is
// suspected is inconclusive, as is what neither set of rounds settles.
GateOutcome decide(const PairedView& first, const std::optional<PairedView>& confirmation);
// The A/A arm failed, and failed again: identical code was told apart, so nothing can be believed.
bool is_invalid(const PairedView& first, const std::optional<PairedView>& confirmation);

}  // namespace cachegauge
