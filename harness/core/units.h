// Numbers as people write them: sizes take KiB MiB GiB, counts take k M, times take ns us ms s m h,
// shares take %. Every parser throws Error::usage with the valid units when the text is not one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cachegauge {

inline constexpr uint64_t kMiB = 1024 * 1024;

uint64_t parse_size_bytes(std::string_view text);  // "64MiB", "512B", "1000"
uint64_t parse_count(std::string_view text);       // "10k", "1M", "250", "1.5M"
int64_t parse_duration_ns(
    std::string_view text);  // "50ms", "1.5s", "0"; a bare number other than 0 is an error
double parse_share(std::string_view text);   // "10%" -> 0.1; "0.1" -> 0.1; within [0, 1]
double parse_number(std::string_view text);  // "1.0"; finite

std::string format_size(uint64_t bytes);   // "64 MiB", "1.5 KiB", "100 B"
std::string format_count(uint64_t count);  // "1,234,567"
std::string format_duration(double ns);    // "52.1 us", "1.00 s"

}  // namespace cachegauge
