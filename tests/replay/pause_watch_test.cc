#include "harness/replay/pause_watch.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <functional>

#include "harness/core/coroutine.h"
#include "harness/core/event_loop.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

ClientTask sleep_for(Scheduler& scheduler, int64_t ns) {
  co_await SleepUntil(scheduler, scheduler.now_ns() + ns, 0);
}

class Call final : public Wakeup {
 public:
  explicit Call(std::function<void()> action) : action_(std::move(action)) {}
  void wake() override { action_(); }

 private:
  std::function<void()> action_;
};

class NoIo final : public IoHandler {
 public:
  void on_io(uint32_t) override { ADD_FAILURE() << "nobody wrote anything"; }
};

// A scheduler whose wake-ups come as late as a test says.
class LateScheduler final : public Scheduler {
 public:
  int64_t now_ns() const override { return now; }
  void wake_at(int64_t time_ns, uint32_t, Wakeup* target) override {
    due = time_ns;
    timer = target;
  }
  void post(Wakeup*) override {}
  void run() override {}
  bool is_virtual() const override { return false; }
  void fire(int64_t late_ns) {
    now = due + late_ns;
    timer->wake();
  }

  int64_t now = 1000 * kMs, due = 0;
  Wakeup* timer = nullptr;
};

TEST(PauseWatch, AddsUpWhatIsLateByTenMillisecondsAndMore) {
  LateScheduler scheduler;
  Recorder recorder;
  recorder.measure(true);
  PauseWatch watch(scheduler, recorder);
  watch.begin();
  EXPECT_EQ(scheduler.due, scheduler.now + PauseWatch::kPeriodNs);
  for (int64_t late : {0, 1, 9, 10, 0, 200, 30}) scheduler.fire(late * kMs);
  EXPECT_EQ(recorder.result.load.paused_ns, 240 * kMs);
  EXPECT_EQ(recorder.result.load.longest_pause_ns, 200 * kMs);
}

TEST(PauseWatch, TimeBetweenPhasesIsNoPause) {
  LateScheduler scheduler;
  Recorder recorder;
  recorder.measure(true);
  PauseWatch watch(scheduler, recorder);
  watch.begin();
  scheduler.fire(0);
  // A phase ends and the next begins 5 s later; the timer of the first is still there.
  Wakeup* const before = scheduler.timer;
  scheduler.now += 5000 * kMs;
  watch.begin();
  EXPECT_EQ(scheduler.timer, before);
  scheduler.now += 3 * kMs;
  scheduler.timer->wake();
  EXPECT_EQ(recorder.result.load.paused_ns, 0);
  scheduler.fire(40 * kMs);
  EXPECT_EQ(recorder.result.load.paused_ns, 40 * kMs);
}

TEST(PauseWatch, OutsideTheMeasuredPhaseNothingIsCounted) {
  LateScheduler scheduler;
  Recorder recorder;
  PauseWatch watch(scheduler, recorder);
  watch.begin();
  scheduler.fire(500 * kMs);
  EXPECT_EQ(recorder.result.load.paused_ns, 0);
}

TEST(PauseWatch, AClientThatIsBusyIsNoticed) {
  EventLoop loop;
  Recorder recorder;
  recorder.measure(true);
  PauseWatch watch(loop, recorder);
  Call busy([&] {
    const int64_t end_ns = loop.now_ns() + 150 * kMs;
    while (loop.now_ns() < end_ns) {
    }
  });
  watch.begin();
  loop.post(&busy);
  sleep_for(loop, 160 * kMs);
  loop.run();
  EXPECT_GE(recorder.result.load.longest_pause_ns, 100 * kMs);
  EXPECT_GE(recorder.result.load.paused_ns, recorder.result.load.longest_pause_ns);
}

// Of a client that waits for its peer no pause is told. The machine may well hold the test up now
// and then, so one quiet attempt of several will do.
TEST(PauseWatch, WaitingForASilentPeerIsNoPause) {
  int64_t least_ns = INT64_MAX;
  for (int attempt = 0; attempt < 10 && least_ns > 0; ++attempt) {
    EventLoop loop;
    Recorder recorder;
    recorder.measure(true);
    PauseWatch watch(loop, recorder);
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    NoIo silent;
    loop.watch(ends[0], EPOLLIN, &silent);
    watch.begin();
    sleep_for(loop, 150 * kMs);
    loop.run();
    loop.unwatch(ends[0]);
    close(ends[0]);
    close(ends[1]);
    least_ns = std::min(least_ns, recorder.result.load.paused_ns);
  }
  EXPECT_EQ(least_ns, 0);
}

}  // namespace
}  // namespace cachegauge
