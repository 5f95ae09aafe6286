// What a stampede came to: episodes, each from the first miss of a key until the key is quiet
// again, and what the requests were answered with meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/stampede_series.h"

namespace cachegauge {

// Times on the scheduler's clock.
struct StampedeEpisode {
  int64_t began_ns = 0;   // a request knew that it had missed, or that it was to make a new value
  int64_t filled_ns = 0;  // the first fill was acknowledged: the window of the episode ends
  int64_t ended_ns = 0;   // nobody waits or loads any more
  uint64_t origin_calls = 0;
  std::optional<int64_t> rest_ns;  // since the end of the key's last episode
  bool had_value = false;          // it began before the value was gone

  int64_t window_ns() const { return filled_ns - began_ns; }
};

// Counted from the end of each key's first episode, which is its cold start, to the end of the
// last; of a scenario with rounds from the beginning of the first series.
struct StampedeTally {
  ServedCounts served;
  ServedCounts served_in_window;  // of those whose intended start lies in an episode's window
  Histogram response_ns, response_in_window_ns;  // from the intended start
  Histogram origin_ns;                           // of the calls that succeeded
  Histogram stale_ns;                            // how far past its lifetime a stale value was
  Histogram lag_ns;                              // of all requests, from the intended start on
  uint64_t origin_calls = 0, origin_errors = 0;
  uint64_t peak_origin_concurrency = 0;
  uint64_t fill_errors = 0;
  uint64_t cache_errors = 0;  // commands of any kind that the cache did not answer
  uint64_t lock_attempts = 0, locks = 0;
  uint64_t polls = 0;
  uint64_t double_holders = 0;        // locks got while another still thought it had the key's lock
  uint64_t faults = 0;                // loads that went wrong on purpose
  uint64_t late_stale_writes = 0;     // fills with a value that the origin gave before the one held
  std::vector<uint64_t> round_calls;  // of the origin, in each round of a scenario that has some
};

struct StampedeCounts : StampedeTally {
  std::vector<StampedeEpisode> episodes;
  StampedeSeries series;
  // Of all requests, those of the cold start included.
  uint64_t started = 0;
  int64_t first_start_ns = INT64_MAX, last_start_ns = INT64_MIN;  // as intended
  int64_t idle_ns = 0;  // between them, in which there were to be no requests
};

// Requests started a second, but for idle times; 0 where there are fewer than two.
double achieved_rate(const StampedeCounts& counts);

// Mean and standard deviation (of a sample) of what the episodes have.
struct EpisodeSpread {
  double mean = 0;
  double deviation = 0;
  uint64_t least = 0, most = 0;
  double standard_error = 0;  // of the mean
};

// Null of none.
std::optional<EpisodeSpread> spread_of(const std::vector<uint64_t>& calls);

struct RestSpread {
  double mean_ns = 0, deviation_ns = 0;
};

// Null without an episode.
std::optional<EpisodeSpread> origin_calls_per_episode(const StampedeCounts& counts);
std::optional<double> mean_window_ns(const StampedeCounts& counts);
// Of those with an episode before them; null of a scenario with rounds, which decides when.
std::optional<RestSpread> rest_between_episodes(const StampedeCounts& counts);
// Episodes that began when the value was gone.
uint64_t hard_misses(const StampedeCounts& counts);
// From the beginning of an episode until nobody waits or loads any more.
std::optional<double> mean_time_to_recover_ns(const StampedeCounts& counts);
// Null without a round.
std::optional<EpisodeSpread> origin_calls_per_round(const StampedeCounts& counts);

}  // namespace cachegauge
