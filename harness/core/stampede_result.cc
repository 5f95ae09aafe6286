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

std::optional<EpisodeSpread> spread_of(const std::vector<uint64_t>& calls) {
  if (calls.empty()) return std::nullopt;
  const auto n = static_cast<double>(calls.size());
  const auto [least, most] = std::minmax_element(calls.begin(), calls.end());
  const uint64_t sum = std::accumulate(calls.begin(), calls.end(), uint64_t{0});
  EpisodeSpread spread{.mean = static_cast<double>(sum) / n, .least = *least, .most = *most};
  double squares = 0;
  for (uint64_t count : calls) squares += std::pow(static_cast<double>(count) - spread.mean, 2);
  if (calls.size() > 1) spread.deviation = std::sqrt(squares / (n - 1));
  spread.standard_error = spread.deviation / std::sqrt(n);
  return spread;
}

double achieved_rate(const StampedeCounts& counts) {
  if (counts.started < 2 || counts.last_start_ns <= counts.first_start_ns) return 0;
  return static_cast<double>(counts.started - 1) * 1e9 /
         static_cast<double>(counts.last_start_ns - counts.first_start_ns - counts.idle_ns);
}

std::optional<EpisodeSpread> origin_calls_per_episode(const StampedeCounts& counts) {
  std::vector<uint64_t> calls;
  calls.reserve(counts.episodes.size());
  for (const StampedeEpisode& episode : counts.episodes) calls.push_back(episode.origin_calls);
  return spread_of(calls);
}

std::optional<EpisodeSpread> origin_calls_per_round(const StampedeCounts& counts) {
  return spread_of(counts.round_calls);
}

std::optional<double> mean_window_ns(const StampedeCounts& counts) {
  return mean_of(counts, [](const auto& episode) { return episode.window_ns(); });
}

std::optional<double> mean_time_to_recover_ns(const StampedeCounts& counts) {
  return mean_of(counts, [](const auto& episode) { return episode.ended_ns - episode.began_ns; });
}

std::optional<RestSpread> rest_between_episodes(const StampedeCounts& counts) {
  if (!counts.round_calls.empty()) return std::nullopt;
  std::vector<double> rests;
  for (const StampedeEpisode& episode : counts.episodes) {
    if (episode.rest_ns) rests.push_back(static_cast<double>(*episode.rest_ns));
  }
  if (rests.empty()) return std::nullopt;
  const auto n = static_cast<double>(rests.size());
  RestSpread spread{.mean_ns = std::accumulate(rests.begin(), rests.end(), 0.0) / n};
  double squares = 0;
  for (double rest : rests) squares += std::pow(rest - spread.mean_ns, 2);
  if (rests.size() > 1) spread.deviation_ns = std::sqrt(squares / (n - 1));
  return spread;
}

uint64_t hard_misses(const StampedeCounts& counts) {
  return static_cast<uint64_t>(
      std::count_if(counts.episodes.begin(), counts.episodes.end(),
                    [](const StampedeEpisode& episode) { return !episode.had_value; }));
}

}  // namespace cachegauge
