#include "harness/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "harness/core/clock.h"
#include "harness/core/units.h"

namespace cachegauge {

Progress::Progress() : on_terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { clear(); }

void Progress::begin_cell(size_t number, size_t count, const std::string& label) {
  title_ = fmt::format("[{}/{}] {}", number, count, label);
  started_ns_ = monotonic_ns();
  if (!on_terminal_) return;
  clear();
  fmt::print(stderr, "{}", title_);
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::update(const CellControl& control) {
  if (!on_terminal_) return;
  const auto total = static_cast<double>(control.total.load(std::memory_order_relaxed));
  const auto done = static_cast<double>(control.progress());
  const double seconds = static_cast<double>(monotonic_ns() - started_ns_) / 1e9;
  if (total <= 0 || done <= 0 || seconds <= 0) return;
  const double rate = done / seconds;
  clear();
  fmt::print(stderr, "{}  {:.0f}%  {} requests/s  {} left", title_, 100 * done / total,
             format_count(static_cast<uint64_t>(rate)),
             format_duration((total - done) / rate * 1e9));
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::clear() {
  if (!drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  drawn_ = false;
}

}  // namespace cachegauge
