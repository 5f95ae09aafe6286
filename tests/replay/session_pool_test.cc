#include "harness/replay/session_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "harness/core/coroutine.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// Answers when the test says so.
class ManualSession final : public Session {
 public:
  explicit ManualSession(Wakeup* ready) : ready_(ready) {}
  void submit(std::span<const Command> commands) override {
    for (const Command& command : commands) {
      keys += command.key;
      value = command.value;
      outstanding_.push_back(command.tag);
      most_outstanding = std::max(most_outstanding, outstanding_.size());
    }
  }
  size_t poll(std::span<Completion> out) override {
    const size_t count = std::min(out.size(), answered_.size());
    for (size_t i = 0; i < count; ++i) {
      out[i] = {.tag = answered_.front(),
                .outcome = Outcome::kHit,
                .value = {},
                .started_ns = 1,
                .completed_ns = 2};
      answered_.pop_front();
    }
    return count;
  }
  // The `count` commands that have been outstanding longest, in one go.
  void answer(size_t count = 1) {
    for (; count > 0; --count) {
      ASSERT_FALSE(outstanding_.empty());
      answered_.push_back(outstanding_.front());
      outstanding_.pop_front();
    }
    ready_->wake();
  }

  std::string keys;   // of all commands, one letter each
  std::string value;  // of the last
  size_t most_outstanding = 0;

 private:
  Wakeup* ready_;
  std::deque<uint64_t> outstanding_, answered_;
};

class SessionPoolTest : public ::testing::Test {
 protected:
  SessionPoolTest() { recorder.measure(true); }

  void make_pool(size_t sessions, uint32_t depth, int64_t timeout_ns = INT64_MAX) {
    pool.emplace(scheduler, SessionPool::Options{.immediate = false,
                                                 .depth = depth,
                                                 .timeout_ns = timeout_ns,
                                                 .waits = &recorder,
                                                 .values = &values});
    for (size_t i = 0; i < sessions; ++i) {
      auto session = std::make_unique<ManualSession>(pool->add_place());
      places.push_back(session.get());
      pool->attach(std::move(session));
    }
  }

  // Clients that make one call each, now.
  void call(std::string_view keys) {
    for (char key : keys) make_call(scheduler, *this, key, 0);
  }
  static ClientTask make_call(Scheduler& scheduler, SessionPoolTest& test, char key,
                              uint32_t version) {
    SessionPool::Order order;
    order.command.key = {&key, 1};
    order.command.value_size_bytes = 100;
    order.version = version;
    order.timed = true;
    const Completion done = co_await SessionPool::Call(*test.pool, order);
    test.last = done;
    (done.outcome == Outcome::kTimeout ? test.timed_out : test.answered) += key;
    test.ended_ns = scheduler.now_ns();
  }
  // Answered, they call again: what a pattern does that fills after a miss.
  static ClientTask call_twice(Scheduler&, SessionPoolTest& test, char first, char second) {
    SessionPool::Order order;
    order.command.key = {&first, 1};
    co_await SessionPool::Call(*test.pool, order);
    test.answered += first;
    order.command.key = {&second, 1};
    co_await SessionPool::Call(*test.pool, order);
    test.answered += second;
  }

  void at(int64_t time_ns, std::function<void()> action) {
    scheduler.wake_at(time_ns, 0, &actions.emplace_back(std::move(action)));
  }
  // Returns once all calls have ended, and not before `time_ns`.
  void run_until(int64_t time_ns) {
    sleep(scheduler, time_ns);
    scheduler.run();
  }
  static ClientTask sleep(Scheduler& scheduler, int64_t time_ns) {
    co_await SleepUntil(scheduler, time_ns, UINT32_MAX);
  }
  const Histogram& waits() const { return recorder.result.timing(Timing::kConnectionWait); }

  struct Action final : Wakeup {
    explicit Action(std::function<void()> what) : action(std::move(what)) {}
    void wake() override { action(); }
    std::function<void()> action;
  };

  VirtualScheduler scheduler;
  Recorder recorder;
  ValueMaker values;
  std::optional<SessionPool> pool;
  std::vector<ManualSession*> places;
  std::deque<Action> actions;
  std::string answered, timed_out;
  Completion last;
  int64_t ended_ns = 0;
};

TEST_F(SessionPoolTest, CallsAreServedInTheOrderTheyCame) {
  make_pool(1, 1);
  call("abcde");
  EXPECT_EQ(places[0]->keys, "a");
  for (int i = 1; i <= 5; ++i) at(i * kMs, [this] { places[0]->answer(); });
  run_until(5 * kMs);
  EXPECT_EQ(places[0]->keys, "abcde");
  EXPECT_EQ(answered, "abcde");
  EXPECT_EQ(waits().count(), 5u);
  EXPECT_EQ(waits().min(), 0) << "who waits for nothing counts, too";
  EXPECT_EQ(waits().max(), 4 * kMs);
  EXPECT_TRUE(waits().sum() == static_cast<unsigned __int128>((1 + 2 + 3 + 4) * kMs));
  EXPECT_EQ(recorder.result.load.backlog_max, 4);
}

// The second command of a request that has been answered waits behind those in line: otherwise a
// busy request would starve the others.
TEST_F(SessionPoolTest, NobodyPassesThoseInLine) {
  make_pool(1, 1);
  call_twice(scheduler, *this, 'a', 'A');
  call("bc");
  at(1, [this] { call("d"); });
  for (int i = 2; i <= 6; ++i) at(i, [this] { places[0]->answer(); });
  run_until(10);
  EXPECT_EQ(places[0]->keys, "abcdA") << "d stood in line before a was answered";
  EXPECT_EQ(answered, "abcdA");
}

TEST_F(SessionPoolTest, ASessionNeverHasMoreOutstandingThanItsDepth) {
  make_pool(2, 3);
  call("abcdefgh");
  EXPECT_EQ(places[0]->keys.size(), 3u);
  EXPECT_EQ(places[1]->keys.size(), 3u);
  at(1, [this] { places[1]->answer(2); });
  at(2, [this] { places[0]->answer(3); });
  at(3, [this] { places[1]->answer(3); });
  run_until(3);
  EXPECT_EQ(places[0]->most_outstanding, 3u);
  EXPECT_EQ(places[1]->most_outstanding, 3u);
  EXPECT_EQ(places[1]->keys.size(), 5u) << "g and h went where there was room";
  EXPECT_EQ(answered.size(), 8u);
}

TEST_F(SessionPoolTest, WithoutADepthNobodyWaits) {
  make_pool(1, SessionPool::kNoLimit);
  call("abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(places[0]->most_outstanding, 26u);
  at(1, [this] { places[0]->answer(26); });
  run_until(1);
  EXPECT_EQ(waits().max(), 0);
  EXPECT_EQ(recorder.result.load.backlog_max, 0);
}

TEST_F(SessionPoolTest, MoreCompletionsThanOnePollTakesAreAllTaken) {
  make_pool(1, SessionPool::kNoLimit);
  call(std::string(200, 'x'));
  at(1, [this] { places[0]->answer(200); });
  run_until(1);
  EXPECT_EQ(answered.size(), 200u);
}

TEST_F(SessionPoolTest, FreeSessionsTakeTurns) {
  make_pool(3, 1);
  for (int i = 0; i < 6; ++i) {
    at(2 * i, [this] { call("x"); });
    at(2 * i + 1, [this, i] { places[static_cast<size_t>(i % 3)]->answer(); });
  }
  run_until(20);
  for (const ManualSession* place : places) EXPECT_EQ(place->keys, "xx");
}

TEST_F(SessionPoolTest, CommandsAreSpreadBeforeAnySessionGetsASecond) {
  make_pool(3, 2);
  call("abcdef");
  EXPECT_EQ(places[0]->keys, "ad");
  EXPECT_EQ(places[1]->keys, "be");
  EXPECT_EQ(places[2]->keys, "cf");
  at(1, [this] {
    for (ManualSession* place : places) place->answer(2);
  });
  run_until(1);
}

TEST_F(SessionPoolTest, WhoWaitsInLineForTooLongIsGivenUpWithoutStamps) {
  make_pool(1, 1, 50 * kMs);
  call("a");
  at(10 * kMs, [this] { call("b"); });
  at(30 * kMs, [this] { call("c"); });
  at(60 * kMs + 1, [this] {
    EXPECT_EQ(timed_out, "b");
    EXPECT_EQ(ended_ns, 60 * kMs);
    EXPECT_EQ(last.started_ns, 0);
    EXPECT_EQ(last.completed_ns, 0);
  });
  // What was sent is the session's to time out, and c is served in time.
  at(79 * kMs, [this] { places[0]->answer(); });
  at(500 * kMs, [this] { places[0]->answer(); });
  run_until(500 * kMs);
  EXPECT_EQ(timed_out, "b");
  EXPECT_EQ(answered, "ac");
  EXPECT_EQ(places[0]->keys, "ac") << "b was never sent";
  EXPECT_EQ(waits().count(), 3u);
  EXPECT_EQ(waits().max(), 50 * kMs);
}

TEST_F(SessionPoolTest, AllThatAreDueAreGivenUpAtOnce) {
  make_pool(1, 1, 5 * kMs);
  call("abcd");
  at(20 * kMs, [this] { places[0]->answer(); });
  run_until(20 * kMs);
  EXPECT_EQ(timed_out, "bcd");
  EXPECT_EQ(waits().max(), 5 * kMs);
  EXPECT_EQ(recorder.result.load.backlog_max, 3);
  // The line is empty again.
  at(21 * kMs, [this] { call("e"); });
  at(22 * kMs, [this] { places[0]->answer(); });
  run_until(22 * kMs);
  EXPECT_EQ(answered, "ae");
}

TEST_F(SessionPoolTest, TheMeanBacklogIsThatOfLittlesLaw) {
  make_pool(1, 1);
  call("abc");  // two wait for 2 ms, one of them for another 2 ms, of 8 ms in all
  for (int i : {2, 4, 8}) at(i * kMs, [this] { places[0]->answer(); });
  run_until(8 * kMs);
  EXPECT_DOUBLE_EQ(static_cast<double>(waits().sum()) / (8 * kMs), (2 * 2 + 1 * 2) / 8.0);
}

// While it stands in line, other lanes use the same buffer.
TEST_F(SessionPoolTest, AValueIsMadeWhenItsCommandIsSent) {
  make_pool(1, 1);
  make_call(scheduler, *this, 'a', 1);
  const std::string first = places[0]->value;
  EXPECT_EQ(first.size(), 100u);
  make_call(scheduler, *this, 'b', 2);
  values.make(7, 7, 50);
  at(1, [this] { places[0]->answer(); });
  at(2, [this] { places[0]->answer(); });
  run_until(2);
  EXPECT_EQ(places[0]->value.size(), 100u);
  EXPECT_NE(places[0]->value, first);
}

}  // namespace
}  // namespace cachegauge
