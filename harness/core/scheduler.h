// What drives the clients of one thread. The same coroutines run on the real scheduler (EventLoop:
// epoll and timers) and on the virtual one (VirtualScheduler: an event queue that jumps).
// A scheduler and all it drives belong to one thread.
#pragma once

#include <cstdint>
#include <exception>
#include <utility>

#include "harness/core/clock.h"

namespace cachegauge {

// Something that can be told to go on: a coroutine's awaiter, a session's port, a timer's owner.
class Wakeup {
 public:
  virtual void wake() = 0;

 protected:
  ~Wakeup() = default;
};

class Scheduler : public Clock {
 public:
  // Calls target->wake() once, when now_ns() >= time_ns. Ties go by time, then `client`, then the
  // order of the calls. There is no cancelling: the target outlives the scheduler's last run().
  virtual void wake_at(int64_t time_ns, uint32_t client, Wakeup* target) = 0;

  // Calls target->wake() once, in this pass or the next, after those posted before it.
  virtual void post(Wakeup* target) = 0;

  // Runs until no ClientTask lives, then throws `failure` if there is one. Throws Error::failed
  // when tasks remain that nothing can wake.
  virtual void run() = 0;

  // Live client coroutines; ClientTasks (coroutine.h) count themselves in and out.
  int tasks = 0;
  // The first exception that left a ClientTask. The other tasks are let run to their end first.
  std::exception_ptr failure;

  // True in the scheduler whose time is made: sleeping costs nothing, trace times move it.
  virtual bool is_virtual() const = 0;

 protected:
  void rethrow_failure() {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
  }
};

}  // namespace cachegauge
