// Brings about the faults of a cache's server on their timetable, in real time, on a thread of its
// own.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "harness/replay/faults/fault_clock.h"

namespace cachegauge {

class FaultInjector {
 public:
  // The clock is running; both outlive it.
  FaultInjector(FaultClock& clock, FaultTarget& target);
  FaultInjector(const FaultInjector&) = delete;
  ~FaultInjector() { stop(); }

  // Nothing strikes any more, and what lasts is over; waits until it is. Returns what went wrong.
  std::vector<std::string> stop();

 private:
  struct Event {
    int64_t time_ns;
    size_t fault;
    bool ends;
  };

  void run();
  void carry_out(const Event& event);
  void begin(size_t fault);
  void end(size_t fault);

  FaultClock& clock_;
  FaultTarget& target_;
  std::vector<Event> events_;
  std::vector<bool> under_way_;
  std::vector<int64_t> late_ns_;  // with which it began
  std::vector<std::string> troubles_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace cachegauge
