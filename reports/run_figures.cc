#include "reports/run_figures.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

#include "harness/core/units.h"

namespace cachegauge {

std::string format_percent(double share) { return fmt::format("{:.2f}%", share * 100); }

std::string format_counted(uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

std::string format_whole(double number) {
  return format_count(static_cast<uint64_t>(std::llround(number)));
}

std::string format_rate(double per_second) {
  constexpr std::array<std::pair<double, const char*>, 3> kSteps = {
      {{1, ""}, {1e3, "k"}, {1e6, "M"}}};
  size_t i = 0;
  while (i + 1 < kSteps.size() && per_second / kSteps[i].first >= 999.5) ++i;
  const double value = per_second / kSteps[i].first;
  const int decimals = value == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", value, decimals, kSteps[i].second);
}

std::string format_range(const Summary& summary, FigureFormat format) {
  const std::string median = format(summary.median);
  std::string low = format(summary.low);
  const std::string high = format(summary.high);
  if (low == median && high == median) return {};
  // A unit that both share stands once: "170-210 ns", but "769k-909k".
  const size_t low_unit = low.find_first_of(" %");
  const size_t high_unit = high.find_first_of(" %");
  if (low_unit != std::string::npos && high_unit != std::string::npos &&
      low.substr(low_unit) == high.substr(high_unit)) {
    low.resize(low_unit);
  }
  return fmt::format("{}-{}", low, high);
}

}  // namespace cachegauge
