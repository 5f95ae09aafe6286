#include "adapters/server/figures.h"

#include <fmt/format.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <fstream>

namespace cachegauge {
namespace {

template <class Number>
std::optional<Number> parse_figure(const Figures& figures, std::string_view name) {
  const auto found = figures.find(name);
  if (found == figures.end()) return std::nullopt;
  const std::string& text = found->second;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<uint64_t> whole_figure(const Figures& figures, std::string_view name) {
  return parse_figure<uint64_t>(figures, name);
}

std::optional<int64_t> seconds_figure(const Figures& figures, std::string_view name) {
  const auto seconds = parse_figure<double>(figures, name);
  if (!seconds || !(*seconds >= 0 && *seconds < 9e9)) return std::nullopt;  // "inf", "nan"
  return static_cast<int64_t>(*seconds * 1e9);
}

std::string text_figure(const Figures& figures, std::string_view name) {
  const auto found = figures.find(name);
  return found == figures.end() ? std::string() : found->second;
}

std::optional<uint64_t> process_rss_bytes(pid_t pid) {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid));
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  if (!(statm >> total_pages >> resident_pages)) return std::nullopt;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

std::optional<int64_t> process_cpu_ns(pid_t pid) {
  clockid_t clock;
  timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) {
    return std::nullopt;
  }
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace cachegauge
