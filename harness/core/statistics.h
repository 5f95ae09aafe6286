// Ratios, and statistics over repetitions.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace cachegauge {

// Null of nothing.
inline std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}
inline std::optional<double> ratio(uint64_t part, uint64_t whole) {
  return ratio(static_cast<double>(part), static_cast<double>(whole));
}

struct Summary {
  double median = 0;
  double low = 0;
  double high = 0;
  uint64_t n = 0;
  bool is_interval = false;  // [low, high] is a 95 % interval of the median; else the range
};

// The median of `values` (at least one), with their range for up to five of them. From six on,
// [low, high] is the narrowest pair of order statistics that covers the median with at least 95 %:
// the distribution-free interval of Thompson, "On confidence ranges for the median", 1936. Six is
// the least number that has one (1 - 2^-5 = 96.9 %).
Summary summarize(std::vector<double> values);

}  // namespace cachegauge
