#pragma once

#include <time.h>

#include <cstdint>

namespace cachegauge {

// CLOCK_MONOTONIC in nanoseconds: 20-30 ns through the vDSO, over 200 ns without it.
inline int64_t monotonic_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// CPU time of the calling thread.
inline int64_t thread_cpu_ns() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return int64_t{t.tv_sec} * 1'000'000'000 + t.tv_nsec;
}

// Time as a parameter. Real schedulers read the machine's clock, the virtual one its event queue.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t now_ns() const = 0;
};

class MonotonicClock final : public Clock {
 public:
  int64_t now_ns() const override { return monotonic_ns(); }
};

// The cost of one clock reading: the smallest of many averages, in ns.
double measure_timer_floor_ns();

}  // namespace cachegauge
