// One thread's connection to a cache, with the loop that it needs.
#pragma once

#include <atomic>
#include <cstdint>

#include "harness/core/adapter.h"
#include "harness/core/coroutine.h"
#include "harness/core/event_loop.h"
#include "harness/replay/session_pool.h"

namespace cachegauge {

// Belongs to the thread that makes it. The adapter has been started, and outlives it.
class MicroClient {
 public:
  // `depth` commands may be outstanding. Throws Error::failed.
  MicroClient(Adapter& adapter, uint32_t index, uint32_t depth)
      : immediate_(adapter.capabilities().in_process),
        depth_(depth),
        pool_(loop_, {.immediate = immediate_, .depth = depth}) {
    SessionContext context{.scheduler = loop_, .loop = &loop_, .client = index};
    context.ready = pool_.add_place();
    pool_.attach(adapter.open(context));
  }

  bool is_immediate() const { return immediate_; }
  EventLoop& loop() { return loop_; }
  SessionPool& pool() { return pool_; }

  // Carries out `count` commands, as many at once as the depth allows: make(index, command) says
  // what each is, take(index, completion) what became of it. It ends early once `stop` is true
  // (null: never). Throws what they throw.
  template <class Make, class Take>
  void carry_out(uint64_t count, Make make, Take take, const std::atomic<bool>* stop) {
    Batch<Make, Take> batch{count, make, take, stop};
    for (uint32_t lane = 0; lane < depth_; ++lane) carry_out_lane(loop_, pool_, batch);
    loop_.run();
  }

 private:
  template <class Make, class Take>
  struct Batch {
    uint64_t count;
    Make& make;
    Take& take;
    const std::atomic<bool>* stop;
    uint64_t next = 0;
    bool ended() const { return next == count || (stop && stop->load(std::memory_order_relaxed)); }
  };

  template <class Make, class Take>
  static ClientTask carry_out_lane(Scheduler& /*for the task*/, SessionPool& pool,
                                   Batch<Make, Take>& batch) {
    SessionPool::Order order;
    while (!batch.ended()) {
      const uint64_t index = batch.next++;
      batch.make(index, order.command);
      const Completion& completion = co_await SessionPool::Call(pool, order);
      batch.take(index, completion);
    }
  }

  EventLoop loop_;
  const bool immediate_;
  const uint32_t depth_;
  SessionPool pool_;
};

}  // namespace cachegauge
