#include "harness/stampede/load.h"

#include <cmath>

namespace cachegauge {

std::optional<HotKeyArrival> HotKeyArrivals::next() {
  if (load_.recorded) return next_recorded();
  busy_ns_ += draw_gap_ns(1e9 / load_.rate);
  return HotKeyArrival{timetable_.with_idle(std::llround(busy_ns_)), draw_key()};
}

std::optional<HotKeyArrival> HotKeyArrivals::next_recorded() {
  if (next_ >= load_.recorded->size()) return std::nullopt;
  HotKeyArrival arrival = (*load_.recorded)[next_];
  next_ += drivers_;
  const double busy_ns = static_cast<double>(arrival.time_ns) / load_.speed;
  arrival.time_ns = timetable_.with_idle(std::llround(busy_ns));
  return arrival;
}

}  // namespace cachegauge
