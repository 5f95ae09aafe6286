#include "reports/simulation_series.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/sparkline.h"

namespace cachegauge {
namespace {

struct SimulationLine {
  std::string name;
  std::vector<std::optional<double>> ratios;
  double low = 1, high = 0;
};

SimulationLine line_of(const SimulationResult& result) {
  SimulationLine line = {printable(result.policy + (result.size.empty() ? "" : " " + result.size)),
                         {}};
  for (const SimulationWindow& window : result.series) {
    const auto ratio = window.miss_ratio();
    line.ratios.push_back(ratio);
    line.low = std::min(line.low, ratio.value_or(line.low));
    line.high = std::max(line.high, ratio.value_or(line.high));
  }
  return line;
}

// "12 windows, to request 1,200", or "to 60.0 s"
std::string extent_of(const std::vector<SimulationWindow>& series) {
  const SimulationWindow& last = series.back();
  const std::string end = last.end_ns ? format_duration(static_cast<double>(*last.end_ns))
                                      : "request " + format_count(last.end_request);
  return fmt::format("{} windows, to {}", series.size(), end);
}

}  // namespace

std::string series_lines(const SimulationReport& report, const TextTableStyle& style) {
  constexpr size_t kMostBars = 60, kLeastBars = 8, kRangeWidth = 26;
  std::vector<SimulationLine> lines;
  std::string extent;
  double low = 1, high = 0;
  size_t name_width = 0;
  for (const SimulationResult& result : report.results) {
    SimulationLine line = line_of(result);
    if (line.low > line.high) continue;  // no gets
    extent = extent_of(result.series);
    low = std::min(low, line.low);
    high = std::max(high, line.high);
    name_width = std::max(name_width, line.name.size());
    lines.push_back(std::move(line));
  }
  if (lines.empty()) return {};
  const size_t room = style.width > 0 ? static_cast<size_t>(style.width) : 120;
  const size_t taken = name_width + kRangeWidth;
  const size_t bars = std::clamp(room - std::min(room, taken), kLeastBars, kMostBars);
  std::string text = fmt::format("miss ratio over {}\n", extent);
  for (const SimulationLine& line : lines) {
    text += fmt::format("  {:<{}}  {}  {} to {}\n", line.name, name_width,
                        sparkline(line.ratios, low, high, bars), format_percent(line.low),
                        format_percent(line.high));
  }
  return text + "\n";
}

}  // namespace cachegauge
