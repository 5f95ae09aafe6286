// Notices when the client itself stood still: stopped, starved of its CPU, or busy with something
// that should not have taken so long. It asks the event loop to be woken every 20 ms, and adds up
// by how much it is woken too late. While a server does not answer the loop waits, and wakes it in
// time: so the client's pauses are told apart from the server's.
#pragma once

#include <algorithm>
#include <cstdint>

#include "harness/core/scheduler.h"
#include "harness/replay/recorder.h"

namespace cachegauge {

class PauseWatch final : private Wakeup {
 public:
  static constexpr int64_t kPeriodNs = 20'000'000;
  // Lateness below this is what any shared machine does now and then.
  static constexpr int64_t kLeastPauseNs = 10'000'000;

  PauseWatch(Scheduler& scheduler, Recorder& recorder)
      : scheduler_(scheduler), recorder_(recorder) {}
  PauseWatch(const PauseWatch&) = delete;

  // For a phase that begins now. A timer of an earlier phase may still be under way: it goes on.
  void begin() {
    last_ns_ = scheduler_.now_ns();
    if (armed_) return;
    arm();
  }

  // The phase is over: a pause that no timer has seen, since the last request ended with it.
  void end() { note(); }

 private:
  void note() {
    // Of the phase under way alone: between phases the loop does not run.
    const int64_t now_ns = scheduler_.now_ns();
    const int64_t late_ns = now_ns - std::max(due_ns_, last_ns_);
    if (late_ns >= kLeastPauseNs) recorder_.client_paused(late_ns);
    last_ns_ = now_ns;
  }
  void arm() {
    armed_ = true;
    due_ns_ = scheduler_.now_ns() + kPeriodNs;
    scheduler_.wake_at(due_ns_, UINT32_MAX, this);
  }
  void wake() override {
    note();
    arm();
  }

  Scheduler& scheduler_;
  Recorder& recorder_;
  bool armed_ = false;
  int64_t due_ns_ = 0;
  int64_t last_ns_ = 0;
};

}  // namespace cachegauge
