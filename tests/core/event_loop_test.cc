#include "harness/core/event_loop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "harness/core/coroutine.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

class Call final : public Wakeup {
 public:
  explicit Call(std::function<void()> action) : action_(std::move(action)) {}
  void wake() override { action_(); }

 private:
  std::function<void()> action_;
};

class OnIo final : public IoHandler {
 public:
  explicit OnIo(std::function<void(uint32_t)> action) : action_(std::move(action)) {}
  void on_io(uint32_t events) override { action_(events); }

 private:
  std::function<void(uint32_t)> action_;
};

struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0); }
  ~Pipe() {
    close(ends[0]);
    close(ends[1]);
  }
  void put(char c) { EXPECT_EQ(write(ends[1], &c, 1), 1); }
  char take() {
    char c = '-';
    EXPECT_EQ(read(ends[0], &c, 1), 1);
    return c;
  }
  int ends[2];
};

// Keeps the loop running until it is told to end.
class Client final : public Wakeup {
 public:
  explicit Client(EventLoop& loop) : loop_(loop) { run(loop, *this); }
  bool await_ready() const { return ended_; }
  void await_suspend(std::coroutine_handle<> waiter) { waiter_ = waiter; }
  void await_resume() const {}
  void wake() override { waiter_.resume(); }
  void end() {
    ended_ = true;
    loop_.post(this);
  }

 private:
  static ClientTask run(Scheduler&, Client& self) { co_await self; }

  EventLoop& loop_;
  bool ended_ = false;
  std::coroutine_handle<> waiter_;
};

TEST(EventLoop, ReadsAPipe) {
  EventLoop loop;
  Client client(loop);
  Pipe pipe;
  std::string got;
  OnIo reader([&](uint32_t events) {
    EXPECT_TRUE(events & EPOLLIN);
    got += pipe.take();
    if (got == "ab") {
      loop.unwatch(pipe.ends[0]);
      client.end();
    }
  });
  loop.watch(pipe.ends[0], EPOLLIN, &reader);
  pipe.put('a');
  pipe.put('b');
  loop.run();
  EXPECT_EQ(got, "ab");
}

TEST(EventLoop, PostedRunsInOrder) {
  EventLoop loop;
  Client client(loop);
  std::string order;
  Call a([&] { order += 'a'; });
  Call b([&] { order += 'b'; });
  loop.post(&a);
  loop.post(&b);
  loop.post(&a);
  client.end();
  loop.run();
  EXPECT_EQ(order, "aba");
}

// One that posts itself again and again lets the network be looked at on every pass.
TEST(EventLoop, PostingDoesNotStarveTheNetwork) {
  EventLoop loop;
  Client client(loop);
  Pipe pipe;
  int passes = 0;
  Call busy([&] {
    ASSERT_LT(++passes, 1000);
    loop.post(&busy);
  });
  OnIo reader([&](uint32_t) {
    loop.unwatch(pipe.ends[0]);
    client.end();
  });
  loop.watch(pipe.ends[0], EPOLLIN, &reader);
  pipe.put('x');
  loop.post(&busy);
  loop.run();
  EXPECT_LE(passes, 3);
}

TEST(EventLoop, TimersFireInOrderAndNotBeforeTheirTime) {
  EventLoop loop;
  Client client(loop);
  const int64_t start = loop.now_ns();
  std::vector<int> order;
  auto note = [&](int who, int64_t due) {
    return Call([&order, &loop, who, due] {
      EXPECT_GE(loop.now_ns(), due);
      order.push_back(who);
    });
  };
  Call late = note(3, start + 2'000'000), early = note(1, start + 1'000'000),
       tie = note(2, start + 1'000'000), past = note(0, start);
  Call last([&] { client.end(); });
  loop.wake_at(start + 2'000'000, 0, &late);
  loop.wake_at(start + 1'000'000, 7, &tie);
  loop.wake_at(start + 1'000'000, 6, &early);
  loop.wake_at(start - 5, 0, &past);
  loop.wake_at(start + 2'000'001, 0, &last);
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3}));
}

// Timers every 500 us for 50 ms. Returns how late the median one came.
int64_t median_lateness_ns(EventLoop& loop) {
  Client client(loop);
  std::vector<int64_t> late;
  int64_t due = loop.now_ns();
  Call timer([&] {
    EXPECT_GE(loop.now_ns(), due);
    late.push_back(loop.now_ns() - due);
    if (late.size() == 100) return client.end();
    due += 500'000;
    loop.wake_at(due, 0, &timer);
  });
  loop.wake_at(due, 0, &timer);
  loop.run();
  std::ranges::nth_element(late, late.begin() + 50);
  return late[50];
}

TEST(EventLoop, APreciseLoopSpinsTheLastOfItsWaitAndSaysSo) {
  EventLoop loop;
  median_lateness_ns(loop);
  EXPECT_EQ(loop.spin_ns(), 0) << "only where it was asked for";
  loop.wake_precisely(true);
  const int64_t before_ns = loop.now_ns();
  EXPECT_LT(median_lateness_ns(loop), 1'000'000) << "a few microseconds, on a quiet machine";
  EXPECT_GT(loop.spin_ns(), 0);
  EXPECT_LT(loop.spin_ns(), loop.now_ns() - before_ns);
  loop.wake_precisely(false);
  const int64_t spun_ns = loop.spin_ns();
  median_lateness_ns(loop);
  EXPECT_EQ(loop.spin_ns(), spun_ns);
}

// What comes from the network while the loop spins is not kept waiting for the timer.
TEST(EventLoop, APreciseLoopStillLooksAtTheNetwork) {
  EventLoop loop;
  Client client(loop);
  Pipe pipe;
  std::string order;
  OnIo reader([&](uint32_t) {
    order += pipe.take();
    loop.unwatch(pipe.ends[0]);
  });
  Call timer([&] {
    order += 't';
    client.end();
  });
  loop.watch(pipe.ends[0], EPOLLIN, &reader);
  loop.wake_precisely(true);
  loop.wake_at(loop.now_ns() + 20'000'000, 0, &timer);
  pipe.put('n');
  loop.run();
  EXPECT_EQ(order, "nt");
}

TEST(EventLoop, FlushersRunOnceAPassAfterWhatWasPosted) {
  EventLoop loop;
  Client client(loop);
  std::string order;
  Call flusher([&] { order += 'F'; });
  Call last([&] {
    order += 'c';
    client.end();
  });
  Call a([&] {
    order += 'a';
    loop.flush_later(&flusher);
    loop.post(&last);
  });
  Call b([&] { order += 'b'; });
  loop.post(&a);
  loop.post(&b);
  loop.run();
  EXPECT_EQ(order, "abFc");
}

TEST(EventLoop, FlushesWhatTheLastClientLeft) {
  EventLoop loop;
  Client client(loop);
  bool flushed = false;
  Call flusher([&] { flushed = true; });
  Call last([&] { client.end(); });
  OnIo unused([](uint32_t) {});
  Pipe pipe;
  loop.watch(pipe.ends[0], EPOLLIN, &unused);
  Call at_end([&] { loop.flush_later(&flusher); });
  loop.post(&last);
  loop.post(&at_end);
  loop.run();
  EXPECT_TRUE(flushed);
}

TEST(EventLoop, ChangesTheEventsOfAWatchedDescriptor) {
  EventLoop loop;
  Client client(loop);
  Pipe pipe;
  uint32_t seen = 0;
  OnIo writer([&](uint32_t events) {
    seen |= events;
    loop.unwatch(pipe.ends[1]);
    client.end();
  });
  loop.watch(pipe.ends[1], 0, &writer);
  loop.watch(pipe.ends[1], EPOLLOUT, &writer);
  loop.run();
  EXPECT_EQ(seen, uint32_t{EPOLLOUT});
}

// Both descriptors are readable in one pass; whichever handler runs first closes the other's and
// opens a new pipe under the same number. The new owner has nothing to read and must not be called.
TEST(EventLoop, ANewOwnerOfANumberDoesNotGetTheOldEvents) {
  EventLoop loop;
  Client client(loop);
  Pipe a, b;
  int stale = 0, calls = 0;
  OnIo fresh([&](uint32_t) { ++stale; });
  Pipe empty;
  auto replace = [&](int fd) {
    ++calls;
    loop.unwatch(fd);
    ASSERT_EQ(dup3(empty.ends[0], fd, O_CLOEXEC), fd);
    loop.watch(fd, EPOLLIN, &fresh);
    client.end();
  };
  OnIo on_a([&](uint32_t) { replace(b.ends[0]); });
  OnIo on_b([&](uint32_t) { replace(a.ends[0]); });
  loop.watch(a.ends[0], EPOLLIN, &on_a);
  loop.watch(b.ends[0], EPOLLIN, &on_b);
  a.put('x');
  b.put('x');
  loop.run();
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(stale, 0);
}

TEST(EventLoop, SaysSoWhenNothingCanWakeAClient) {
  EventLoop loop;
  Client client(loop);
  EXPECT_ERROR(kFailed, "the event loop has clients and nothing to wake them", loop.run());
  client.end();
  loop.run();
}

TEST(EventLoop, AFailedClientLetsTheOthersEndFirst) {
  struct Clients {
    static ClientTask fails(Scheduler& scheduler) {
      co_await Yield(scheduler);
      throw Error::failed("first");
    }
    static ClientTask works(Scheduler& scheduler, int& steps) {
      for (; steps < 5; ++steps) co_await Yield(scheduler);
    }
  };
  EventLoop loop;
  int steps = 0;
  Clients::fails(loop);
  Clients::works(loop, steps);
  EXPECT_ERROR(kFailed, "first", loop.run());
  EXPECT_EQ(steps, 5);
  EXPECT_EQ(loop.tasks, 0);
  loop.run();  // the failure is told once
}

}  // namespace
}  // namespace cachegauge
