// What a stampede came to: episodes, each from the first miss of a key until the key is quiet
// again, and what the requests were answered with meanwhile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/histogram.h"

namespace cachegauge {

// What a request was answered with.
enum class Served : uint8_t {
  kFresh,   // a value within its lifetime, which was there
  kStale,   // a value past its lifetime, which was there
  kLoaded,  // what it asked the origin for itself
  kWaited,  // what another asked the origin for while it waited
  kFailed,  // nothing: the origin or the cache failed it, or it waited for too long
};
inline constexpr size_t kServedCount = 5;
inline constexpr std::array<std::string_view, kServedCount> kServedNames = {
    "fresh", "stale", "loaded", "waited", "failed"};

// Times on the scheduler's clock.
struct StampedeEpisode {
  int64_t began_ns = 0;   // a request knew that it had missed, or that it was to make a new value
  int64_t filled_ns = 0;  // the first fill was acknowledged: the window of the episode ends
  int64_t ended_ns = 0;   // nobody waits or loads any more
  uint64_t origin_calls = 0;

  int64_t window_ns() const { return filled_ns - began_ns; }
};

struct ServedCounts {
  std::array<uint64_t, kServedCount> by_kind{};

  uint64_t& operator[](Served served) { return by_kind[static_cast<size_t>(served)]; }
  uint64_t operator[](Served served) const { return by_kind[static_cast<size_t>(served)]; }
  uint64_t total() const;
};

// Counted from the end of each key's first episode, which is its cold start, to the end of the
// last.
struct StampedeCounts {
  std::vector<StampedeEpisode> episodes;
  ServedCounts served;
  ServedCounts served_in_window;  // of those whose intended start lies in an episode's window
  Histogram response_ns, response_in_window_ns;  // from the intended start
  Histogram origin_ns;                           // of the calls that succeeded
  uint64_t origin_calls = 0, origin_errors = 0;
  uint64_t peak_origin_concurrency = 0;
  uint64_t fill_errors = 0;
  uint64_t cache_errors = 0;  // commands of any kind that the cache did not answer
  uint64_t lock_attempts = 0, locks = 0;
  uint64_t polls = 0;
  uint64_t double_holders = 0;     // locks got while another still thought it had the key's lock
  uint64_t faults = 0;             // loads that went wrong on purpose
  uint64_t late_stale_writes = 0;  // fills with a value that the origin gave before the one held
  // Of all requests, those of the cold start included.
  uint64_t started = 0;
  int64_t first_start_ns = INT64_MAX, last_start_ns = INT64_MIN;  // as intended
  Histogram lag_ns;  // from the intended start to the actual one
};

// Requests started a second; 0 where there are fewer than two.
double achieved_rate(const StampedeCounts& counts);

// Mean and standard deviation (of a sample) of what the episodes have.
struct EpisodeSpread {
  double mean = 0;
  double deviation = 0;
  uint64_t least = 0, most = 0;
};

// Null without an episode.
std::optional<EpisodeSpread> origin_calls_per_episode(const StampedeCounts& counts);
std::optional<double> mean_window_ns(const StampedeCounts& counts);
// From the beginning of an episode until nobody waits or loads any more.
std::optional<double> mean_time_to_recover_ns(const StampedeCounts& counts);
// Origin calls beyond the one that each episode needs.
uint64_t wasted_calls(const StampedeCounts& counts);
std::optional<double> share_of(const ServedCounts& counts, Served served);
// Of those that had to wait for the origin, or for nothing.
std::optional<double> blocked_share(const ServedCounts& counts);

}  // namespace cachegauge
