#include "harness/replay/self_kill.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "harness/core/clock.h"

namespace cachegauge {

SelfKill::SelfKill(int64_t start_ns, int64_t after_ns, CellControl& control)
    : waiting_([this, start_ns, after_ns, &control] { wait(start_ns, after_ns, control); }) {}

SelfKill::~SelfKill() {
  {
    const std::lock_guard lock(mutex_);
    is_taken_back_ = true;
  }
  taken_back_.notify_one();
  waiting_.join();
}

void SelfKill::wait(int64_t start_ns, int64_t after_ns, CellControl& control) {
  std::unique_lock lock(mutex_);
  const int64_t left_ns = std::max<int64_t>(0, start_ns + after_ns - monotonic_ns());
  if (taken_back_.wait_for(lock, std::chrono::nanoseconds(left_ns),
                           [this] { return is_taken_back_; })) {
    return;
  }
  control.killed_at_ns = std::max<int64_t>(1, monotonic_ns() - start_ns);
  kill(getpid(), SIGKILL);
}

}  // namespace cachegauge
