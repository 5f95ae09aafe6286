// Joins coroutines to a session: `co_await SessionPort::Call(port, command)` submits the command
// and resumes with its completion.
#pragma once

#include <coroutine>
#include <memory>

#include "harness/core/clock.h"
#include "harness/core/scheduler.h"
#include "harness/core/session.h"

namespace cachegauge {

class SessionPort final : public Wakeup {
 public:
  // `immediate`: the session completes within submit(), so completions are looked for at once.
  explicit SessionPort(bool immediate) : immediate_(immediate) {}
  SessionPort(const SessionPort&) = delete;
  SessionPort& operator=(const SessionPort&) = delete;

  // The port is the `ready` wakeup of the session's context, so it exists first.
  void attach(std::unique_ptr<Session> session) { session_ = std::move(session); }

  // Awaitable once. The completion's value is valid until the coroutine next awaits.
  class Call {
   public:
    Call(SessionPort& port, const Command& command, bool timed)
        : port_(port), command_(command), timed_(timed) {}
    Call(const Call&) = delete;

    bool await_ready() {
      command_.tag = reinterpret_cast<uint64_t>(this);
      if (timed_) completion_.started_ns = monotonic_ns();
      port_.session_->submit({&command_, 1});
      return port_.immediate_ && port_.take_immediate(*this);
    }
    void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
    const Completion& await_resume() const { return completion_; }

   private:
    friend class SessionPort;
    void complete(const Completion& completion);

    SessionPort& port_;
    Command command_;
    Completion completion_;
    std::coroutine_handle<> waiter_;
    bool timed_;
  };

  void wake() override;

 private:
  bool take_immediate(Call& call);

  std::unique_ptr<Session> session_;
  bool immediate_;
};

}  // namespace cachegauge
