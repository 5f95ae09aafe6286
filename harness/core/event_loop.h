// The real scheduler: one epoll loop a thread. Each pass runs what was posted, fires due timers,
// lets the sessions that queued output flush once, and then waits for the network.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "harness/core/scheduler.h"

namespace cachegauge {

// A file descriptor's owner. `events` are epoll's (EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP).
class IoHandler {
 public:
  virtual void on_io(uint32_t events) = 0;

 protected:
  ~IoHandler() = default;
};

class EventLoop final : public Scheduler {
 public:
  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  int64_t now_ns() const override { return monotonic_ns(); }
  void wake_at(int64_t time_ns, uint32_t client, Wakeup* target) override;
  void post(Wakeup* target) override { posted_.push_back(target); }
  void run() override;
  bool is_virtual() const override { return false; }

  // Level-triggered. watch() adds the descriptor, or changes its events if it is watched already.
  void watch(int fd, uint32_t events, IoHandler* handler);
  // Before the descriptor is closed. A handler is never called after it, nor is the next owner of
  // the same number with this one's events.
  void unwatch(int fd);

  // Timers are woken to the microsecond: a sleep ends early by as much as sleeps of late have ended
  // late, and what is left is spent looking at network and clock. An open loop needs it: a sleeping
  // thread is woken 50 us late and more, and all requests due meanwhile would then go out at once.
  void wake_precisely(bool precisely) { precise_ = precisely; }
  int64_t spin_ns() const { return spin_ns_; }  // CPU time spent so, in all

  // Calls flusher->wake() once, at the end of this pass before waiting: D commands on a connection
  // go out in one write. The caller sees to it that it asks once a pass.
  void flush_later(Wakeup* flusher) { flushers_.push_back(flusher); }

 private:
  struct Timer {
    int64_t time_ns;
    uint32_t client;
    uint64_t sequence;
    Wakeup* target;
  };
  struct Later {
    bool operator()(const Timer& a, const Timer& b) const;
  };

  void run_posted();
  void fire_timers();
  void flush();
  void wait_for_io();

  int64_t sleep_before(int64_t left_ns);
  void learn_from_sleep(int64_t overslept_ns);

  int epoll_fd_;
  int watched_ = 0;
  bool precise_ = false;
  int64_t spin_window_ns_ = 50'000;
  int64_t spin_ns_ = 0;
  uint64_t next_sequence_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, Later> timers_;
  std::deque<Wakeup*> posted_;
  std::vector<Wakeup*> flushers_;
  std::vector<Wakeup*> flushing_;
  struct Watch {
    IoHandler* handler = nullptr;  // null when not watched
    uint32_t generation = 0;       // of the descriptor's number: tells an event of its last owner
  };
  std::vector<Watch> watches_;  // by descriptor
};

}  // namespace cachegauge
