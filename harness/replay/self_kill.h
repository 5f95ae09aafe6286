// SIGKILL for this process at a set time, unless it is taken back before.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "harness/replay/cell_control.h"

namespace cachegauge {

class SelfKill {
 public:
  // At `start_ns` + `after_ns` of monotonic_ns(); the control is told when that was.
  SelfKill(int64_t start_ns, int64_t after_ns, CellControl& control);
  SelfKill(const SelfKill&) = delete;
  ~SelfKill();

 private:
  void wait(int64_t start_ns, int64_t after_ns, CellControl& control);

  std::mutex mutex_;
  std::condition_variable taken_back_;
  bool is_taken_back_ = false;
  std::thread waiting_;
};

}  // namespace cachegauge
