// Joins coroutines to sessions: `co_await SessionPool::Call(pool, order)` carries one command out
// and resumes with its completion.
//
// A pool holds one session or several, each with at most `depth` commands outstanding. A call takes
// the session that has waited longest for work; when none is free it waits in line, and is given up
// (kTimeout, without stamps) after the timeout. So is an application's pool of connections. In a
// closed loop each client has a pool of its own, in which nobody ever waits.
//
// Belongs to one thread, and to one scheduler.
#pragma once

#include <coroutine>
#include <cstdint>
#include <memory>
#include <vector>

#include "harness/core/clock.h"
#include "harness/core/scheduler.h"
#include "harness/core/session.h"
#include "harness/replay/recorder.h"
#include "harness/replay/value.h"

namespace cachegauge {

class SessionPool final : private Wakeup {
 public:
  static constexpr uint32_t kNoLimit = UINT32_MAX;

  struct Options {
    bool immediate = false;     // sessions complete within submit() and do not stamp
    uint32_t depth = kNoLimit;  // commands outstanding on one session
    int64_t timeout_ns = INT64_MAX;
    Recorder* waits = nullptr;  // hears how long each call waited for a session; null: nobody does
    ValueMaker* values = nullptr;  // makes the values of sets and adds
  };

  SessionPool(Scheduler& scheduler, const Options& options);
  SessionPool(const SessionPool&) = delete;
  ~SessionPool();

  // A session is opened with the wakeup of its place in the pool, so the place exists first.
  Wakeup* add_place();
  void attach(std::unique_ptr<Session> session);  // to the place added last
  void set_depth(uint32_t depth);                 // while nothing is outstanding

  // Awaitable once. The completion's value is valid until the coroutine next awaits.
  class Call {
   public:
    // `command` but for tag and value. With `version`, the value is made when the command is sent:
    // of command.key_hash, this version and command.value_size_bytes.
    Call(SessionPool& pool, const Command& command, bool timed, uint32_t version = 0)
        : pool_(pool), command_(command), version_(version), timed_(timed) {}
    Call(const Call&) = delete;

    bool await_ready() { return pool_.immediate_ ? pool_.execute(*this) : pool_.start(*this); }
    void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
    const Completion& await_resume() const { return completion_; }

   private:
    friend class SessionPool;
    void make_value() {
      if (version_ == 0) return;
      command_.value = pool_.values_->make(command_.key_hash, version_, command_.value_size_bytes);
    }

    SessionPool& pool_;
    Command command_;
    Completion completion_;
    std::coroutine_handle<> waiter_;
    Call* next_waiting_ = nullptr;
    int64_t waiting_since_ns_ = 0;
    uint32_t version_;
    bool timed_;
  };

 private:
  struct Place final : Wakeup {
    explicit Place(SessionPool& owner) : pool(owner) {}
    void wake() override { pool.take_completions(*this); }
    SessionPool& pool;
    std::unique_ptr<Session> session;
    uint32_t outstanding = 0;
    Place* next_free = nullptr;
  };

  bool execute(Call& call) {
    call.make_value();
    if (call.timed_) call.completion_.started_ns = monotonic_ns();
    const int64_t started_ns = call.completion_.started_ns;
    if (!first_session_->execute(call.command_, call.completion_)) lost_completion();
    if (call.timed_) {
      call.completion_.started_ns = started_ns;
      call.completion_.completed_ns = monotonic_ns();
    }
    return true;
  }
  [[noreturn]] static void lost_completion();

  bool start(Call& call);
  void submit(Place& place, Call& call);
  void take_completions(Place& place);
  void release(Place& place);
  void serve_waiting();
  void push_free(Place& place);
  Place& pop_free();
  Call& pop_waiting();
  void set_timer();
  void wake() override;  // the oldest waiting call may be due

  Scheduler& scheduler_;
  const bool immediate_;
  uint32_t depth_;
  const int64_t timeout_ns_;
  Recorder* const waits_;
  ValueMaker* const values_;
  Session* first_session_ = nullptr;
  std::vector<std::unique_ptr<Place>> places_;
  // Places with room, the one that waits longest first.
  Place* free_head_ = nullptr;
  Place* free_tail_ = nullptr;
  Call* waiting_head_ = nullptr;
  Call* waiting_tail_ = nullptr;
  int64_t waiting_count_ = 0;
  bool timer_set_ = false;
};

}  // namespace cachegauge
