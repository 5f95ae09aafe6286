#include "reports/stampede_text.h"

#include <fmt/format.h>

#include "harness/core/units.h"
#include "reports/run_figures.h"

namespace cachegauge {

std::string calls_with_error(double calls, double standard_error) {
  if (standard_error <= 0) return fmt::format("{:.2f}", calls);
  return fmt::format("{:.2f} ±{:.2f}", calls, 3 * standard_error);
}

std::string expected_calls_text(const StampedeCell& cell) {
  if (!cell.expected) return std::string(kUnknownFigure);
  return calls_with_error(cell.expected->origin_calls, cell.expected->standard_error);
}

std::string ms_text(const std::optional<double>& ms) {
  return ms ? format_duration(*ms * 1e6) : std::string(kUnknownFigure);
}

std::string share_or_unknown(const std::optional<double>& share) {
  return share ? format_percent(*share) : std::string(kUnknownFigure);
}

std::string percentile_text(const Histogram& histogram, double q) {
  if (histogram.empty()) return std::string(kUnknownFigure);
  return format_duration(static_cast<double>(histogram.percentile(q)));
}

}  // namespace cachegauge
