// How a row that cannot be read is shown:
//
//   trace.csv:1841:17: expected an object size in bytes, got "1k"
//     1700000012,key-81,1k
//                       ^
//   repair the row, or allow some: skip-bad-rows=N
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace cachegauge {

struct RowPlace {
  std::string_view path;
  uint64_t line_number = 0;  // from 1
  std::string_view line;     // without its end
};

struct RowFault {
  size_t column = 0;  // bytes from the line's beginning
  std::string problem;
};

// The line is shortened around the column; bytes that do not print are shown as \xNN.
std::string describe_bad_row(const RowPlace& place, const RowFault& fault, std::string_view remedy);

// A piece of a trace inside double quotes, shortened and with bytes that do not print as \xNN.
std::string quote_excerpt(std::string_view text);

}  // namespace cachegauge
