// Joins coroutines to sessions: `co_await SessionPool::Call(pool, order)` carries one command out
// and resumes with its completion. The order belongs to the caller, who fills it in and may use it
// again and again, for one call at a time.
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

  struct Order {
    Command command;  // but for the tag; and for the value, if there is a `version`
    // If not 0, the value is made when the command is sent: of command.key_hash, this version and
    // command.value_size_bytes.
    uint32_t version = 0;
    const Envelope* envelope = nullptr;  // what is put in front of that value; null: nothing
    bool timed = false;                  // stamps are wanted of an immediate session
    // Its value is valid until the coroutine next awaits. Of an immediate session stamps are only
    // there if `timed`.
    Completion completion;

   private:
    friend class SessionPool;
    std::coroutine_handle<> waiter;
    Order* next_waiting = nullptr;
    int64_t waiting_since_ns = 0;
  };

  // Of an immediate pool: its session, for a caller that awaits nothing.
  Session& only_session() { return *first_session_; }
  [[noreturn]] static void lost_completion();

  class Call {
   public:
    Call(SessionPool& pool, Order& order) : pool_(pool), order_(order) {}
    Call(const Call&) = delete;

    bool await_ready() { return pool_.immediate_ ? pool_.execute(order_) : pool_.start(order_); }
    void await_suspend(std::coroutine_handle<> waiter) { order_.waiter = waiter; }
    const Completion& await_resume() const { return order_.completion; }

    // Of an immediate pool: the same without awaiting.
    const Completion& now() {
      pool_.execute(order_);
      return order_.completion;
    }

   private:
    SessionPool& pool_;
    Order& order_;
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

  void make_value(Order& order) {
    if (order.version == 0) return;
    const Command& command = order.command;
    order.command.value =
        order.envelope ? values_->make(*order.envelope, command.key_hash, order.version,
                                       command.value_size_bytes)
                       : values_->make(command.key_hash, order.version, command.value_size_bytes);
  }

  bool execute(Order& order) {
    make_value(order);
    if (order.timed) return execute_timed(order);
    if (!first_session_->execute(order.command, order.completion)) lost_completion();
    return true;
  }
  bool execute_timed(Order& order);

  bool start(Order& order);
  void submit(Place& place, Order& order);
  void take_completions(Place& place);
  void release(Place& place);
  void serve_waiting();
  void push_free(Place& place);
  Place& pop_free();
  Order& pop_waiting();
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
  Order* waiting_head_ = nullptr;
  Order* waiting_tail_ = nullptr;
  int64_t waiting_count_ = 0;
  bool timer_set_ = false;
};

}  // namespace cachegauge
