// Whether a cache pays, in time and in money: arithmetic on what was measured or given.
//
// A get through a cache takes the cache's get and, of a share m of the gets, the origin's call and
// the set that fills. So caching pays where get + m·(origin + set) < origin, that is for an origin
// slower than (get + m·set) / (1 - m).
#pragma once

#include <optional>

#include "harness/core/histogram.h"
#include "harness/core/profile_report.h"

namespace cachegauge {

struct CacheTimes {
  Histogram get_ns;
  double set_ns = 0;
};

// Null with a miss ratio of 1.
std::optional<double> break_even_ns(const CacheTimes& cache, double miss_ratio);

double mean_with_cache_ns(const CacheTimes& cache, double miss_ratio, double origin_ns);

// A percentile of gets through the cache: of hits as long as the cache's gets, and of misses as
// long as the origin's calls and, with them, a get and a set of the mean. q in (0, 1].
double percentile_with_cache_ns(const CacheTimes& cache, double miss_ratio, const Histogram& origin,
                                double q);

// The miss ratio below which caching pays; below 0: it never does.
double highest_miss_ratio(const CacheTimes& cache, double origin_ns);

// Of so many gets a second; a month has 30.44 days.
MonthlyCost monthly_cost(const Prices& prices, uint64_t cache_bytes, double calls_per_second);

}  // namespace cachegauge
