#include "reports/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace cachegauge {

std::string sparkline(const std::vector<std::optional<double>>& values, double low, double high,
                      size_t width) {
  constexpr std::array<std::string_view, 8> kBars = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const size_t shown = std::min(values.size(), width);
  std::string line;
  for (size_t i = 0; i < shown; ++i) {
    const auto& value = values[(i + 1) * values.size() / shown - 1];
    if (!value) {
      line += ' ';
      continue;
    }
    const double share = high > low ? (*value - low) / (high - low) : 0;
    const double bar = std::clamp(share, 0.0, 1.0) * (kBars.size() - 1);
    line += kBars[static_cast<size_t>(std::lround(bar))];
  }
  return line;
}

}  // namespace cachegauge
