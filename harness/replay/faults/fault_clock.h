// The timetable of a cell's faults: when each is to come and go, and when it really did. Shared by
// the cell's threads and by whoever brings the faults about.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/fault.h"
#include "harness/core/fault_result.h"

namespace cachegauge {

// A fault, and how it is brought about.
struct PlannedFault {
  Fault fault;
  FaultMeans means = FaultMeans::kSession;
};

class FaultClock {
 public:
  // In order of their times.
  explicit FaultClock(std::vector<PlannedFault> faults);

  std::span<const PlannedFault> faults() const { return faults_; }

  // Before the threads start: the measured interval begins at this moment of the scheduler's clock.
  void begin(int64_t start_ns);
  bool running() const { return start_ns_ != kNever; }
  int64_t start_ns() const { return start_ns_; }
  // The same moments on the scheduler's clock.
  int64_t at_ns(size_t fault) const { return start_ns_ + faults_[fault].fault.at_ns; }
  int64_t end_ns(size_t fault) const { return start_ns_ + faults_[fault].fault.end_ns(); }
  // After the threads are done: no fault strikes any more.
  void end() { start_ns_ = kNever; }

  // Thread-safe. Of several who say so the first is believed of the beginning, the last of the end.
  void began(size_t fault, int64_t now_ns);
  void ended(size_t fault, int64_t now_ns);
  // From the start; null: not within a measured interval that ended so long after its start.
  std::optional<int64_t> began_ns(size_t fault, int64_t end_ns) const {
    return since_start(moments_[fault].began, end_ns);
  }
  std::optional<int64_t> ended_ns(size_t fault, int64_t end_ns) const {
    return since_start(moments_[fault].ended, end_ns);
  }

  // The stretch of the fault that a request belongs to which began and ended (or is) then: during,
  // if any of it was. Null: that of another fault.
  std::optional<FaultStretch> stretch(size_t fault, int64_t start_ns, int64_t now_ns) const;

  // How long each stretch was, with the measured interval ending at `end_ns` from its start.
  std::array<int64_t, kFaultStretches> durations_ns(size_t fault, int64_t end_ns) const;

 private:
  static constexpr int64_t kNever = INT64_MAX;

  struct Moments {
    std::atomic<int64_t> began{kNever};
    std::atomic<int64_t> ended{kNever};
  };

  std::optional<int64_t> since_start(const std::atomic<int64_t>& moment, int64_t end_ns) const;

  std::vector<PlannedFault> faults_;
  std::vector<Moments> moments_;
  int64_t start_ns_ = kNever;
  int64_t origin_ns_ = 0;  // start_ns_, kept after end()
};

}  // namespace cachegauge
