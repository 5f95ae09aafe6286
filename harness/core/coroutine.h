// Coroutine types of the harness. A client is one long-lived ClientTask; what it awaits now and
// then (an origin call, a guard) is a Task. Frames come from a pool of the thread.
//
// Awaiting something that is already complete does not suspend, and so does not grow the stack, in
// any build: compilers turn symmetric transfer into a tail call only when they optimise. Therefore
// a Task starts at the call and runs until it first has to wait, and its awaiter checks for
// completion before it suspends.
//
// Never write co_await inside the condition of an `if` or a `while` (scripts/check_lint.sh looks
// for it): g++ 12 may then lay the frame out so that the handle does not point at its resume
// function, and resuming jumps to 0. Await into a variable.
#pragma once

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <utility>

#include "harness/core/scheduler.h"

namespace cachegauge {

// A free list a thread for frames up to 1 KiB; larger ones come from operator new.
void* allocate_frame(size_t bytes);
void release_frame(void* frame, size_t bytes) noexcept;

struct PooledFrame {
  static void* operator new(size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* frame, size_t bytes) noexcept { release_frame(frame, bytes); }
};

// A coroutine that nobody awaits: it counts itself in Scheduler::tasks while it lives, and an
// exception that leaves it ends it and is kept in Scheduler::failure. Starts at once; frees itself
// at its end.
class ClientTask {
 public:
  struct promise_type : PooledFrame {
    // The first parameter of a ClientTask coroutine is its scheduler.
    template <class... Rest>
    explicit promise_type(Scheduler& owner, Rest&&...) : scheduler(owner) {
      ++scheduler.tasks;
    }
    ~promise_type() { --scheduler.tasks; }
    ClientTask get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {
      if (!scheduler.failure) scheduler.failure = std::current_exception();
    }

    Scheduler& scheduler;
  };
};

// A coroutine with a result, awaited once by its caller.
template <class T>
class [[nodiscard]] Task {
 public:
  struct promise_type : PooledFrame {
    struct Final {
      bool await_ready() noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<promise_type> self) noexcept {
        const auto next = self.promise().waiter;
        return next ? next : std::coroutine_handle<>(std::noop_coroutine());
      }
      void await_resume() noexcept {}
    };
    Task get_return_object() {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_never initial_suspend() noexcept { return {}; }
    Final final_suspend() noexcept { return {}; }
    void return_value(T result) { value = std::move(result); }
    void unhandled_exception() { failure = std::current_exception(); }

    std::coroutine_handle<> waiter;
    std::optional<T> value;
    std::exception_ptr failure;
  };

  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool await_ready() const { return handle_.done(); }
  void await_suspend(std::coroutine_handle<> waiter) { handle_.promise().waiter = waiter; }
  T await_resume() {
    if (handle_.promise().failure) std::rethrow_exception(handle_.promise().failure);
    return std::move(*handle_.promise().value);
  }

 private:
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  std::coroutine_handle<promise_type> handle_;
};

// co_await SleepUntil(scheduler, time, client)
class SleepUntil final : public Wakeup {
 public:
  SleepUntil(Scheduler& scheduler, int64_t time_ns, uint32_t client)
      : scheduler_(scheduler), time_ns_(time_ns), client_(client) {}
  bool await_ready() const { return scheduler_.now_ns() >= time_ns_; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    scheduler_.wake_at(time_ns_, client_, this);
  }
  void await_resume() const {}
  void wake() override { waiter_.resume(); }

 private:
  Scheduler& scheduler_;
  int64_t time_ns_;
  uint32_t client_;
  std::coroutine_handle<> waiter_;
};

// co_await Yield(scheduler): lets the others run, and the network be looked at.
class Yield final : public Wakeup {
 public:
  explicit Yield(Scheduler& scheduler) : scheduler_(scheduler) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) {
    waiter_ = waiter;
    scheduler_.post(this);
  }
  void await_resume() const {}
  void wake() override { waiter_.resume(); }

 private:
  Scheduler& scheduler_;
  std::coroutine_handle<> waiter_;
};

}  // namespace cachegauge
