// Whether numbers follow a distribution.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

namespace cachegauge::testing {

// The chi-square statistic of counts against expected ones, as a deviation: standard normal when
// the counts follow (Wilson and Hilferty, "The distribution of chi-square", 1931). Cells that
// expect fewer than 10 are joined to the next.
inline double chi_square_deviation(const std::vector<double>& counts,
                                   const std::vector<double>& expected) {
  double sum = 0, cells = 0, count = 0, expects = 0;
  for (size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    expects += expected[i];
    if (expects < 10 && i + 1 < counts.size()) continue;
    sum += (count - expects) * (count - expects) / expects;
    cells += 1;
    count = expects = 0;
  }
  const double k = cells - 1;
  return (std::cbrt(sum / k) - (1 - 2 / (9 * k))) / std::sqrt(2 / (9 * k));
}

// Kolmogorov and Smirnov's distance from a continuous distribution, times the square root of the
// number of values: above 1.95 once in a thousand.
inline double kolmogorov_smirnov(std::vector<double> values,
                                 const std::function<double(double)>& cumulative) {
  std::sort(values.begin(), values.end());
  const double n = static_cast<double>(values.size());
  double distance = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double at = cumulative(values[i]);
    distance = std::max({distance, std::abs(at - static_cast<double>(i) / n),
                         std::abs(static_cast<double>(i + 1) / n - at)});
  }
  return distance * std::sqrt(n);
}

}  // namespace cachegauge::testing
