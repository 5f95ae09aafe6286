#include "harness/stampede/theory.h"

#include <cmath>
#include <numbers>

namespace cachegauge {

double unguarded_calls(double rate, double window_s) { return 1 + rate * window_s; }

// Of processes the first to miss is one, and the others have (members - 1) / members of the rate. A
// closed loop's first is a client, too.
double once_each_calls(double rate, double window_s, double members) {
  return 1 + (members - 1) * -std::expm1(-rate * window_s / members);
}

double xfetch_calls(double beta) { return std::exp(1 / beta); }

double xfetch_early_gap_s(double rate, double beta, double recompute_s) {
  const double scale_s = beta * recompute_s;
  return scale_s * (std::log(rate * scale_s) + std::numbers::egamma);
}

double xfetch_hard_miss_share(double rate, double beta, double recompute_s) {
  return std::exp(-rate * beta * recompute_s);
}

double shared_origin_calls(double rate, double latency_s, double capacity) {
  return capacity * std::exp((rate * latency_s - capacity + 1) / capacity);
}

double short_lock_calls(double window_s, double lock_ttl_s) {
  return std::ceil(window_s / lock_ttl_s);
}

double dead_holders_window_s(uint32_t dead, double lock_ttl_s, double load_s) {
  return dead * lock_ttl_s + load_s;
}

double plateau_rate(double keys, double jitter_s) { return keys / (2 * jitter_s); }

double stale_share(double ttl_s, double window_s) { return window_s / (ttl_s + window_s); }

}  // namespace cachegauge
