// The faults of one cell: planned when it is made, brought about in its measured interval, and told
// in its result.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/run_result.h"
#include "harness/replay/faults/fault_clock.h"
#include "harness/replay/faults/fault_injector.h"

namespace cachegauge {

class CellFaults {
 public:
  // Before the adapter is started. Throws Error::usage as plan_faults() does.
  CellFaults(std::span<const Fault> faults, Adapter& adapter, Origin* origin);

  // Null without faults.
  FaultClock* clock() { return clock_ ? &*clock_ : nullptr; }

  // Around the measured interval, whose start is given on the scheduler's clock: before the threads
  // start, and after they are done. Nothing is wrong any more when stop() returns.
  void begin(int64_t start_ns);
  void stop();
  // Completes what the threads have counted, once the rest of the result is there.
  void tell(RunResult& result);

 private:
  FaultInjector::Targets targets_;
  std::optional<FaultClock> clock_;
  std::unique_ptr<FaultInjector> injector_;
  std::vector<std::string> troubles_;
};

}  // namespace cachegauge
