// The figures a server publishes under names (INFO of Redis, stats of memcached), and those the
// kernel keeps of a process.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cachegauge {

using Figures = std::map<std::string, std::string, std::less<>>;

// Null when the server does not publish it or it is not a whole number.
std::optional<uint64_t> whole_figure(const Figures& figures, std::string_view name);
// "1.234567" seconds as nanoseconds.
std::optional<int64_t> seconds_figure(const Figures& figures, std::string_view name);
std::string text_figure(const Figures& figures, std::string_view name);

// Null when there is no such process.
std::optional<uint64_t> process_rss_bytes(pid_t pid);
// User and system time of all its threads, to the nanosecond, where /proc/<pid>/stat counts in
// ticks of 10 ms.
std::optional<int64_t> process_cpu_ns(pid_t pid);

}  // namespace cachegauge
