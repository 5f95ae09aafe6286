// What queueing theory expects of a stampede, to hold measurements against. rate: requests per
// second on the key; window_s: from the first miss to the fill, in seconds.
#pragma once

#include <cstdint>

namespace cachegauge {

// Origin calls of one expiry without protection: the first, and whoever comes in the window.
// Poisson, so the standard deviation is the root of (calls - 1).
double unguarded_calls(double rate, double window_s);

// Of `clients` in a closed loop, or of `processes` with a single flight each: one call at most of
// each, by whoever of its own requests comes in the window of the first.
double once_each_calls(double rate, double window_s, double members);

// XFetch: calls of one cycle where rate x beta x recompute time is far above 1; geometric, with the
// chance e^(-1/beta) that a call is the last (Vattani, Chierichetti, Lowenstein, PVLDB 8, 2015).
double xfetch_calls(double beta);
// XFetch: how long before the expiry the first recomputation begins, in seconds.
double xfetch_early_gap_s(double rate, double beta, double recompute_s);
// XFetch: the share of cycles in which nobody recomputed before the expiry.
double xfetch_hard_miss_share(double rate, double beta, double recompute_s);

// An origin that divides the speed of `capacity` servers among its calls, where
// rate x latency > capacity - 1.
double shared_origin_calls(double rate, double latency_s, double capacity);

// A lock that is free again before its holder is done.
double short_lock_calls(double window_s, double lock_ttl_s);

// `dead` holders in a row of a lock that ends after lock_ttl_s, and then one that lives: from the
// first miss to the fill.
double dead_holders_window_s(uint32_t dead, double lock_ttl_s, double load_s);

// Keys whose lifetimes end spread evenly over `jitter_s` to both sides of a moment: how many end a
// second meanwhile.
double plateau_rate(double keys, double jitter_s);

// Stale-while-revalidate: the share of requests that get a stale value.
double stale_share(double ttl_s, double window_s);

}  // namespace cachegauge
