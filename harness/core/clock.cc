#include "harness/core/clock.h"

#include <algorithm>

namespace cachegauge {

double measure_timer_floor_ns() {
  constexpr int kReadings = 1000;
  double floor = 1e9;
  for (int round = 0; round < 20; ++round) {
    const int64_t begin = monotonic_ns();
    int64_t last = begin;
    for (int i = 0; i < kReadings; ++i) last = monotonic_ns();
    floor = std::min(floor, static_cast<double>(last - begin) / kReadings);
  }
  return floor;
}

}  // namespace cachegauge
