// A row of figures as a row of bars: "▁▃▆█".
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace cachegauge {

// One character for each value, from ▁ at `low` to █ at `high`; a space where it is not known. More
// than `width` values are thinned out evenly, the last one kept. If low is high, all are ▁.
std::string sparkline(const std::vector<std::optional<double>>& values, double low, double high,
                      size_t width);

}  // namespace cachegauge
