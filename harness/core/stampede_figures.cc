#include "harness/core/stampede_figures.h"

#include <algorithm>

namespace cachegauge {
namespace {

std::optional<double> in_ms(const std::optional<double>& ns) {
  if (!ns) return std::nullopt;
  return *ns / 1e6;
}

}  // namespace

uint64_t StampedeFigures::wasted_calls() const {
  uint64_t wasted = 0;
  for (uint64_t calls : episode_calls) wasted += calls - std::min<uint64_t>(calls, 1);
  return wasted;
}

std::optional<double> StampedeFigures::origin_latency_ms() const {
  if (origin_ns.empty()) return std::nullopt;
  return origin_ns.mean() / 1e6;
}

StampedeFigures derive_figures(const StampedeCounts& counts) {
  StampedeFigures figures;
  static_cast<StampedeTally&>(figures) = static_cast<const StampedeTally&>(counts);
  figures.rate = achieved_rate(counts);
  for (const StampedeEpisode& episode : counts.episodes) {
    figures.episode_calls.push_back(episode.origin_calls);
  }
  figures.hard_misses = hard_misses(counts);
  figures.window_ms = in_ms(mean_window_ns(counts));
  figures.time_to_recover_ms = in_ms(mean_time_to_recover_ns(counts));
  if (const auto rest = rest_between_episodes(counts)) {
    figures.rest_ms = rest->mean_ns / 1e6;
    figures.rest_deviation_ms = rest->deviation_ns / 1e6;
  }
  if (counts.series.interval_ns > 0) {
    figures.series_interval_ms = static_cast<double>(counts.series.interval_ns) / 1e6;
  }
  figures.series = stampede_points(counts.series);
  figures.recovery = recovery_of(counts.series);
  return figures;
}

}  // namespace cachegauge
