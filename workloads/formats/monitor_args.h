// The quoted arguments of a line of MONITOR.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cachegauge {

struct MonitorArg {
  char* begin;        // behind the opening quote
  char* end;          // at the closing one
  size_t size_bytes;  // without escapes

  std::string_view raw() const { return {begin, end}; }
  bool has_escapes() const { return size_bytes != static_cast<size_t>(end - begin); }
};

// Reads `"a" "b" …` up to the end of the line into `args`. Null if all is well, otherwise where it
// is not. Changes no byte.
char* read_monitor_args(char* p, char* end, std::vector<MonitorArg>& args);

// Replaces escapes in place; the bytes left over begin with a quote. Once only.
std::string_view unescape(const MonitorArg& arg);

}  // namespace cachegauge
