#include "workloads/generators/zipf_rejection.h"

#include <algorithm>
#include <cmath>

namespace cachegauge {

ZipfRejection::ZipfRejection(uint64_t keys, double alpha)
    : keys_(static_cast<double>(keys)),
      alpha_(alpha),
      low_(integral(1.5) - 1),
      high_(integral(keys_ + 0.5)),
      sure_(2 - inverse_integral(integral(2.5) - weight(2))) {}

uint64_t ZipfRejection::rank(SplitMix64& random) const {
  while (true) {
    const double y = high_ + random.uniform() * (low_ - high_);
    const double x = inverse_integral(y);
    const double rank = std::clamp(std::floor(x + 0.5), 1.0, keys_);
    if (rank - x <= sure_ || y >= integral(rank + 0.5) - weight(rank)) {
      return static_cast<uint64_t>(rank);
    }
  }
}

// (x^(1 - alpha) - 1) / (1 - alpha), whose limit at alpha = 1 is log(x); expm1 and log1p keep their
// digits near it.
double ZipfRejection::integral(double x) const {
  const double log_x = std::log(x);
  const double exponent = (1 - alpha_) * log_x;
  return exponent == 0 ? log_x : std::expm1(exponent) / exponent * log_x;
}

double ZipfRejection::inverse_integral(double y) const {
  const double scaled = std::max(y * (1 - alpha_), -1.0);
  return std::exp(scaled == 0 ? y : std::log1p(scaled) / scaled * y);
}

double ZipfRejection::weight(double x) const { return std::exp(-alpha_ * std::log(x)); }

}  // namespace cachegauge
