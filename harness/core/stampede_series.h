// What goes on around an episode, in buckets of time that count from its beginning (or from the
// moment that the scenario names), all episodes of a cell taken together.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/series.h"

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

struct ServedCounts {
  std::array<uint64_t, kServedCount> by_kind{};

  uint64_t& operator[](Served served) { return by_kind[static_cast<size_t>(served)]; }
  uint64_t operator[](Served served) const { return by_kind[static_cast<size_t>(served)]; }
  ServedCounts& operator+=(const ServedCounts& other);
  uint64_t total() const;
};

std::optional<double> share_of(const ServedCounts& counts, Served served);
// Of those that had to wait for the origin, or for nothing.
std::optional<double> blocked_share(const ServedCounts& counts);

struct StampedeBucket {
  int64_t observed_ns = 0;    // of this bucket, over all episodes
  uint64_t arrivals = 0;      // by their intended start
  uint64_t origin_calls = 0;  // that began
  int64_t at_origin_ns = 0;   // that calls spent at the origin, added up
  uint64_t peak_at_origin = 0;
  ServedCounts served;  // by the request's intended start
  CoarseTimes times;    // response times, likewise
};

struct StampedeSeries {
  int64_t interval_ns = 0;  // 0: nothing was observed
  int64_t begins_ns = 0;    // of the first bucket; not above 0
  std::vector<StampedeBucket> buckets;
};

// Derived from a bucket. Null where there is nothing to divide by.
struct StampedePoint {
  double t_ms = 0;                                       // where the bucket begins
  std::optional<double> arrivals_rps, origin_calls_rps;  // of one episode
  std::optional<double> at_origin_mean;
  uint64_t at_origin_peak = 0;      // of any episode
  ServedCounts served;              // of all
  std::optional<double> hit_ratio;  // fresh and stale values
  std::optional<int64_t> p50_ns, p99_ns;
};

// Those that were observed.
std::vector<StampedePoint> stampede_points(const StampedeSeries& series);

// When the requests are served again as they were (recovery.h), from 0.
struct StampedeRecovery {
  std::optional<double> baseline_hit_ratio;
  std::optional<int64_t> baseline_p99_ns;
  std::optional<double> hit_ratio_ms;
  std::optional<double> p99_ms;
};

// The baseline is the first half of what lies before 0; of a series that begins at 0 its last
// tenth. Null is what is not known, or does not come back within the series.
StampedeRecovery recovery_of(const StampedeSeries& series);

}  // namespace cachegauge
