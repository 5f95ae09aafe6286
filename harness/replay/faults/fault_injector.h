// Brings about the faults of servers on their timetable, in real time, on a thread of its own.
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
  // Each null where none of the faults needs it.
  struct Targets {
    FaultTarget* cache = nullptr;
    FaultTarget* origin = nullptr;
    FaultTarget& of(const Fault& fault) const { return *(fault.on_origin ? origin : cache); }
  };
  // The clock is running; all outlive it.
  FaultInjector(FaultClock& clock, const Targets& targets);
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
  const Targets targets_;
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
