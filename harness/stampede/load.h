// When requests come, and for which key.
//
// Of an open loop: Poisson or constant at a rate, for keys drawn alike; or at the times of a
// recorded trace, for its own hot keys. Of a closed loop each client draws how long it thinks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "harness/core/random.h"
#include "harness/stampede/scenario.h"

namespace cachegauge {

struct HotKeyArrival {
  int64_t time_ns = 0;  // since the load began
  uint32_t key = 0;
};

struct StampedeLoad {
  double rate = 0;  // requests per second, of all processes; 0: clients that never think
  bool poisson = true;
  uint32_t clients = 0;  // 0: an open loop
  // In order of time; null: drawn.
  std::shared_ptr<const std::vector<HotKeyArrival>> recorded;
  double speed = 1;  // how many times as fast as recorded
};

// The open loop's arrivals at one driver of several.
class HotKeyArrivals {
 public:
  HotKeyArrivals(const StampedeLoad& load, const Timetable& timetable, SplitMix64& random,
                 uint32_t driver, uint32_t drivers)
      : load_(load), timetable_(timetable), random_(random), next_(driver), drivers_(drivers) {}

  // Null at the end of what was recorded.
  std::optional<HotKeyArrival> next();
  uint32_t draw_key() {
    if (timetable_.keys == 1) return 0;
    return static_cast<uint32_t>(random_.below(timetable_.keys));
  }
  double draw_gap_ns(double mean_ns) {
    return load_.poisson ? random_.exponential(mean_ns) : mean_ns;
  }

 private:
  std::optional<HotKeyArrival> next_recorded();

  const StampedeLoad& load_;
  const Timetable& timetable_;
  SplitMix64& random_;
  size_t next_;  // of what was recorded, of which each driver has its share
  const uint32_t drivers_;
  double busy_ns_ = 0;
};

}  // namespace cachegauge
