// Figures of a stampede as people read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/stampede_report.h"

namespace cachegauge {

inline constexpr std::string_view kUnknownFigure = "-";

// "51.05 ±2.13": three standard errors of the mean follow where they are known and not 0.
std::string calls_with_error(double calls, double standard_error);
std::string expected_calls_text(const StampedeCell& cell);

std::string ms_text(const std::optional<double>& ms);
std::string share_or_unknown(const std::optional<double>& share);
std::string percentile_text(const Histogram& histogram, double q);

}  // namespace cachegauge
