// Figures as people read them, in tables and sentences.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "harness/core/statistics.h"

namespace cachegauge {

using FigureFormat = std::string (*)(double);

std::string format_percent(double share);    // "73.48%"
std::string format_whole(double number);     // "734,782"
std::string format_rate(double per_second);  // "1.23M", "45.1k", "312"
// "1 request", "1,200 requests"
std::string format_counted(uint64_t count, std::string_view noun);

// "170-210 ns"; empty where both ends read like the median.
std::string format_range(const Summary& summary, FigureFormat format);

}  // namespace cachegauge
