// What a report says of a stampede: what was counted, and what is derived of each episode and of
// the series, which a report does not hold.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/stampede_result.h"

namespace cachegauge {

struct StampedeFigures : StampedeTally {
  double rate = 0;                      // achieved_rate()
  std::vector<uint64_t> episode_calls;  // of the origin, in each
  uint64_t hard_misses = 0;
  // Means over the episodes; null without one.
  std::optional<double> window_ms, time_to_recover_ms;
  std::optional<double> rest_ms, rest_deviation_ms;  // rest_between_episodes()
  std::optional<double> series_interval_ms;          // null: nothing was observed
  std::vector<StampedePoint> series;
  StampedeRecovery recovery;

  // Of the origin's calls in an episode, and in a round; null without any.
  std::optional<EpisodeSpread> calls() const { return spread_of(episode_calls); }
  std::optional<EpisodeSpread> calls_of_rounds() const { return spread_of(round_calls); }
  uint64_t wasted_calls() const;  // beyond the one that each episode needs
  // Mean of the origin's calls; null without one.
  std::optional<double> origin_latency_ms() const;
};

StampedeFigures derive_figures(const StampedeCounts& counts);

}  // namespace cachegauge
