#include "harness/core/virtual_scheduler.h"

#include <vector>

#include "harness/core/coroutine.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

using Trace = std::vector<std::pair<int64_t, int>>;  // (time, who)

ClientTask sleeper(Scheduler& scheduler, Trace& trace, int who, std::vector<int64_t> times) {
  for (int64_t time : times) {
    co_await SleepUntil(scheduler, time, static_cast<uint32_t>(who));
    trace.emplace_back(scheduler.now_ns(), who);
  }
}

class Note final : public Wakeup {
 public:
  Note(Scheduler& scheduler, Trace& trace, int who)
      : scheduler_(scheduler), trace_(trace), who_(who) {}
  void wake() override { trace_.emplace_back(scheduler_.now_ns(), who_); }

 private:
  Scheduler& scheduler_;
  Trace& trace_;
  int who_;
};

TEST(VirtualScheduler, JumpsFromEventToEvent) {
  VirtualScheduler scheduler;
  Trace trace;
  sleeper(scheduler, trace, 0, {5, 1'000'000'000'000});
  sleeper(scheduler, trace, 1, {3, 7});
  scheduler.run();
  EXPECT_EQ(trace, (Trace{{3, 1}, {5, 0}, {7, 1}, {1'000'000'000'000, 0}}));
  EXPECT_EQ(scheduler.now_ns(), 1'000'000'000'000);
}

TEST(VirtualScheduler, TiesGoByClientThenByOrderOfTheCalls) {
  VirtualScheduler scheduler;
  Trace trace;
  Note a(scheduler, trace, 1), b(scheduler, trace, 2), c(scheduler, trace, 3),
      d(scheduler, trace, 4);
  scheduler.wake_at(10, 2, &a);
  scheduler.wake_at(10, 1, &b);
  scheduler.wake_at(10, 2, &c);
  scheduler.wake_at(9, 3, &d);
  sleeper(scheduler, trace, 9, {20});
  scheduler.run();
  EXPECT_EQ(trace, (Trace{{9, 4}, {10, 2}, {10, 1}, {10, 3}, {20, 9}}));
}

TEST(VirtualScheduler, PostedRunsBeforeTimePasses) {
  VirtualScheduler scheduler;
  Trace trace;
  Note timed(scheduler, trace, 1), first(scheduler, trace, 2), second(scheduler, trace, 3);
  scheduler.wake_at(0, 0, &timed);
  scheduler.post(&first);
  scheduler.post(&second);
  sleeper(scheduler, trace, 9, {1});
  scheduler.run();
  EXPECT_EQ(trace, (Trace{{0, 2}, {0, 3}, {0, 1}, {1, 9}}));
}

TEST(VirtualScheduler, ATimeThatIsPastIsNow) {
  VirtualScheduler scheduler;
  Trace trace;
  ASSERT_TRUE(scheduler.try_advance_to(100));
  Note late(scheduler, trace, 1);
  scheduler.wake_at(50, 0, &late);
  sleeper(scheduler, trace, 9, {50, 101});
  scheduler.run();
  EXPECT_EQ(trace, (Trace{{100, 9}, {100, 1}, {101, 9}}));
}

TEST(VirtualScheduler, AdvancesAtOnceOnlyIfNothingIsDueBefore) {
  VirtualScheduler scheduler;
  Trace trace;
  Note note(scheduler, trace, 1);
  EXPECT_TRUE(scheduler.try_advance_to(10));
  EXPECT_EQ(scheduler.now_ns(), 10);
  EXPECT_TRUE(scheduler.try_advance_to(5));
  EXPECT_EQ(scheduler.now_ns(), 10);
  scheduler.wake_at(20, 0, &note);
  EXPECT_TRUE(scheduler.try_advance_to(19));
  EXPECT_FALSE(scheduler.try_advance_to(20));
  EXPECT_EQ(scheduler.now_ns(), 19);
  scheduler.post(&note);
  EXPECT_FALSE(scheduler.try_advance_to(19 + 1));
}

// A place to wait that a test resumes by hand.
class Gate final : public Wakeup {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}
  void wake() override { waiter_.resume(); }

 private:
  std::coroutine_handle<> waiter_;
};

ClientTask wait_at(Scheduler&, Gate& gate) { co_await gate; }

TEST(VirtualScheduler, SaysSoWhenNothingCanWakeAClient) {
  VirtualScheduler scheduler;
  Gate gate;
  wait_at(scheduler, gate);
  EXPECT_ERROR(kFailed, "the virtual scheduler has clients waiting and nothing to wake them",
               scheduler.run());
  gate.wake();
  EXPECT_EQ(scheduler.tasks, 0);
}

}  // namespace
}  // namespace cachegauge
