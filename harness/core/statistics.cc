#include "harness/core/statistics.h"

#include <algorithm>
#include <cmath>

namespace cachegauge {
namespace {

// P(X <= k) for X binomial(n, 1/2).
double binomial_half_cdf(uint64_t k, uint64_t n) {
  double sum = 0;
  for (uint64_t i = 0; i <= k; ++i) {
    const double log_choose = std::lgamma(static_cast<double>(n) + 1) -
                              std::lgamma(static_cast<double>(i) + 1) -
                              std::lgamma(static_cast<double>(n - i) + 1);
    sum += std::exp(log_choose - static_cast<double>(n) * std::log(2.0));
  }
  return sum;
}

}  // namespace

Summary summarize(std::vector<double> values) {
  Summary summary;
  summary.n = values.size();
  if (values.empty()) return summary;
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  summary.median = n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
  // How many order statistics can be left out at each end: P(X <= left) <= 2.5 %.
  uint64_t left = 0;
  summary.is_interval = n >= 6;
  if (summary.is_interval) {
    while (left + 1 < n / 2 && binomial_half_cdf(left + 1, n) <= 0.025) ++left;
  }
  summary.low = values[left];
  summary.high = values[n - 1 - left];
  return summary;
}

double standard_error(const std::vector<double>& values) {
  const auto n = static_cast<double>(values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / n;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / (n - 1) / n);
}

}  // namespace cachegauge
