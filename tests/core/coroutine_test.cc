#include "harness/core/coroutine.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/virtual_scheduler.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

constexpr int kTenMillion = 10'000'000;

// How deep the stack was at its deepest since it was made.
class StackGauge {
 public:
  __attribute__((noinline)) void look() {
    const auto here = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
    low_ = std::min(low_, here);
    high_ = std::max(high_, here);
  }
  size_t spread() const { return high_ - low_; }

 private:
  uintptr_t low_ = UINTPTR_MAX;
  uintptr_t high_ = 0;
};

Task<int> ready(int value) { co_return value; }

struct ReadyAwaiter {
  int value;
  bool await_ready() const { return true; }
  void await_suspend(std::coroutine_handle<>) const {}
  int await_resume() const { return value; }
};

ClientTask sum_tasks(Scheduler&, int count, int64_t& sum, StackGauge& stack) {
  for (int i = 0; i < count; ++i) {
    sum += co_await ready(i);
    stack.look();
  }
}

ClientTask sum_awaiters(Scheduler&, int count, int64_t& sum, StackGauge& stack) {
  for (int i = 0; i < count; ++i) {
    sum += co_await ReadyAwaiter{i};
    stack.look();
  }
}

ClientTask sum_sleeps(Scheduler& scheduler, int count, int64_t& sum, StackGauge& stack) {
  for (int i = 0; i < count; ++i) {
    co_await SleepUntil(scheduler, 0, 0);
    sum += i;
    stack.look();
  }
}

constexpr int64_t kSumToTenMillion = int64_t{kTenMillion} * (kTenMillion - 1) / 2;

TEST(Coroutine, TenMillionCompleteTasksDoNotGrowTheStack) {
  VirtualScheduler scheduler;
  int64_t sum = 0;
  StackGauge stack;
  sum_tasks(scheduler, kTenMillion, sum, stack);
  EXPECT_EQ(scheduler.tasks, 0);
  EXPECT_EQ(sum, kSumToTenMillion);
  EXPECT_LT(stack.spread(), 1024u);
}

TEST(Coroutine, TenMillionCompleteAwaitersDoNotGrowTheStack) {
  VirtualScheduler scheduler;
  int64_t sum = 0;
  StackGauge stack;
  sum_awaiters(scheduler, kTenMillion, sum, stack);
  EXPECT_EQ(sum, kSumToTenMillion);
  EXPECT_LT(stack.spread(), 1024u);
}

TEST(Coroutine, TenMillionSleepsThatAreOverDoNotGrowTheStack) {
  VirtualScheduler scheduler;
  int64_t sum = 0;
  StackGauge stack;
  sum_sleeps(scheduler, kTenMillion, sum, stack);
  EXPECT_EQ(sum, kSumToTenMillion);
  EXPECT_LT(stack.spread(), 1024u);
}

Task<int> yields(Scheduler& scheduler, int value) {
  co_await Yield(scheduler);
  co_return value;
}

Task<int> chain(Scheduler& scheduler, int depth) {
  if (depth == 0) co_return co_await yields(scheduler, 1);
  co_return 1 + co_await chain(scheduler, depth - 1);
}

ClientTask sum_suspended(Scheduler& scheduler, int count, int64_t& sum, StackGauge& stack) {
  for (int i = 0; i < count; ++i) {
    sum += co_await yields(scheduler, i);
    stack.look();
  }
}

// The waiter goes on from within the task's end, and the task is destroyed there.
TEST(Coroutine, TasksThatSuspendDoNotGrowTheStackEither) {
  VirtualScheduler scheduler;
  int64_t sum = 0;
  StackGauge stack;
  sum_suspended(scheduler, 100'000, sum, stack);
  scheduler.run();
  EXPECT_EQ(sum, int64_t{100'000} * 99'999 / 2);
  EXPECT_LT(stack.spread(), 4096u);
}

ClientTask await_chain(Scheduler& scheduler, int depth, int& result) {
  result = co_await chain(scheduler, depth);
}

TEST(Coroutine, ChainsReturnThroughEveryLink) {
  VirtualScheduler scheduler;
  int result = 0;
  await_chain(scheduler, 100, result);
  EXPECT_EQ(result, 0);
  scheduler.run();
  EXPECT_EQ(result, 101);
}

Task<int> fails(Scheduler& scheduler, bool at_once) {
  if (!at_once) co_await Yield(scheduler);
  throw Error::failed("the origin is down");
}

Task<int> passes_on(Scheduler& scheduler, bool at_once) {
  co_return co_await fails(scheduler, at_once);
}

ClientTask catches(Scheduler& scheduler, bool at_once, std::string& text) {
  try {
    co_await passes_on(scheduler, at_once);
  } catch (const Error& error) {
    text = error.what();
  }
}

TEST(Coroutine, ExceptionsReachTheAwaiter) {
  for (bool at_once : {true, false}) {
    VirtualScheduler scheduler;
    std::string text;
    catches(scheduler, at_once, text);
    scheduler.run();
    EXPECT_EQ(text, "the origin is down");
  }
}

ClientTask lets_it_pass(Scheduler& scheduler, bool at_once) {
  co_await passes_on(scheduler, at_once);
}

TEST(Coroutine, AnExceptionThatLeavesAClientIsThrownByRun) {
  for (bool at_once : {true, false}) {
    VirtualScheduler scheduler;
    lets_it_pass(scheduler, at_once);
    EXPECT_ERROR(kFailed, "the origin is down", scheduler.run());
    EXPECT_EQ(scheduler.tasks, 0);
  }
}

Task<std::unique_ptr<int>> makes_unique(Scheduler& scheduler) {
  co_await Yield(scheduler);
  co_return std::make_unique<int>(7);
}

ClientTask takes_unique(Scheduler& scheduler, int& result) {
  result = *co_await makes_unique(scheduler);
}

TEST(Coroutine, ResultsAreMoved) {
  VirtualScheduler scheduler;
  int result = 0;
  takes_unique(scheduler, result);
  scheduler.run();
  EXPECT_EQ(result, 7);
}

ClientTask takes_turns(Scheduler& scheduler, std::string& order, char who) {
  for (int i = 0; i < 3; ++i) {
    order += who;
    co_await Yield(scheduler);
  }
}

TEST(Coroutine, YieldLetsTheOthersRun) {
  VirtualScheduler scheduler;
  std::string order;
  takes_turns(scheduler, order, 'a');
  takes_turns(scheduler, order, 'b');
  EXPECT_EQ(scheduler.tasks, 2);
  scheduler.run();
  EXPECT_EQ(order, "ababab");
}

TEST(FramePool, ReusesFramesOfTheSameClass) {
  void* a = allocate_frame(100);
  release_frame(a, 100);
  void* b = allocate_frame(128);  // both round up to 128 bytes
  EXPECT_EQ(a, b);
  void* c = allocate_frame(128);
  EXPECT_NE(b, c);
  release_frame(b, 128);
  release_frame(c, 128);
}

TEST(FramePool, FramesAreAlignedAndApart) {
  std::vector<std::pair<char*, size_t>> frames;
  for (size_t bytes :
       {size_t{1}, size_t{64}, size_t{65}, size_t{1024}, size_t{1025}, size_t{100'000}}) {
    for (int i = 0; i < 3; ++i) {
      auto* frame = static_cast<char*>(allocate_frame(bytes));
      EXPECT_EQ(reinterpret_cast<uintptr_t>(frame) % alignof(std::max_align_t), 0u);
      std::fill_n(frame, bytes, static_cast<char>(frames.size()));
      frames.emplace_back(frame, bytes);
    }
  }
  for (size_t i = 0; i < frames.size(); ++i) {
    const auto [frame, bytes] = frames[i];
    EXPECT_TRUE(
        std::all_of(frame, frame + bytes, [&](char c) { return c == static_cast<char>(i); }));
    release_frame(frame, bytes);
  }
}

}  // namespace
}  // namespace cachegauge
