#include "harness/core/stampede_result.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cachegauge {
namespace {

template <class Figure>
std::optional<double> mean_of(const StampedeCounts& counts, Figure figure) {
  if (counts.episodes.empty()) return std::nullopt;
  double sum = 0;
  for (const StampedeEpisode& episode : counts.episodes)
    sum += static_cast<double>(figure(episode));
  return sum / static_cast<double>(counts.episodes.size());
}

}  // namespace

uint64_t ServedCounts::total() const {
  return std::accumulate(by_kind.begin(), by_kind.end(), uint64_t{0});
}

double achieved_rate(const StampedeCounts& counts) {
  if (counts.started < 2 || counts.last_start_ns <= counts.first_start_ns) return 0;
  return static_cast<double>(counts.started - 1) * 1e9 /
         static_cast<double>(counts.last_start_ns - counts.first_start_ns);
}

std::optional<EpisodeSpread> origin_calls_per_episode(const StampedeCounts& counts) {
  const auto mean = mean_of(counts, [](const auto& episode) { return episode.origin_calls; });
  if (!mean) return std::nullopt;
  EpisodeSpread spread{.mean = *mean, .least = UINT64_MAX};
  double squares = 0;
  for (const StampedeEpisode& episode : counts.episodes) {
    squares += std::pow(static_cast<double>(episode.origin_calls) - *mean, 2);
    spread.least = std::min(spread.least, episode.origin_calls);
    spread.most = std::max(spread.most, episode.origin_calls);
  }
  const size_t n = counts.episodes.size();
  if (n > 1) spread.deviation = std::sqrt(squares / static_cast<double>(n - 1));
  return spread;
}

std::optional<double> mean_window_ns(const StampedeCounts& counts) {
  return mean_of(counts, [](const auto& episode) { return episode.window_ns(); });
}

std::optional<double> mean_time_to_recover_ns(const StampedeCounts& counts) {
  return mean_of(counts, [](const auto& episode) { return episode.ended_ns - episode.began_ns; });
}

uint64_t wasted_calls(const StampedeCounts& counts) {
  uint64_t wasted = 0;
  for (const StampedeEpisode& episode : counts.episodes) {
    wasted += episode.origin_calls - std::min<uint64_t>(episode.origin_calls, 1);
  }
  return wasted;
}

std::optional<double> share_of(const ServedCounts& counts, Served served) {
  const uint64_t total = counts.total();
  if (total == 0) return std::nullopt;
  return static_cast<double>(counts[served]) / static_cast<double>(total);
}

std::optional<double> blocked_share(const ServedCounts& counts) {
  const uint64_t total = counts.total();
  if (total == 0) return std::nullopt;
  const uint64_t served_at_once = counts[Served::kFresh] + counts[Served::kStale];
  return static_cast<double>(total - served_at_once) / static_cast<double>(total);
}

}  // namespace cachegauge
