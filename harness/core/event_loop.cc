#include "harness/core/event_loop.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>

#include "harness/core/error.h"

namespace cachegauge {

bool EventLoop::Later::operator()(const Timer& a, const Timer& b) const {
  return std::tie(a.time_ns, a.client, a.sequence) > std::tie(b.time_ns, b.client, b.sequence);
}

EventLoop::EventLoop() : epoll_fd_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_fd_ < 0) throw Error::failed(std::string("epoll_create1: ") + std::strerror(errno));
}

EventLoop::~EventLoop() { close(epoll_fd_); }

void EventLoop::wake_at(int64_t time_ns, uint32_t client, Wakeup* target) {
  timers_.push({time_ns, client, next_sequence_++, target});
}

void EventLoop::watch(int fd, uint32_t events, IoHandler* handler) {
  if (watches_.size() <= static_cast<size_t>(fd)) watches_.resize(fd + 1);
  Watch& entry = watches_[fd];
  const bool known = entry.handler != nullptr;
  epoll_event event{};
  event.events = events;
  event.data.u64 = uint64_t{entry.generation} << 32 | static_cast<uint32_t>(fd);
  if (epoll_ctl(epoll_fd_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event) != 0) {
    throw Error::failed(std::string("epoll_ctl: ") + std::strerror(errno));
  }
  if (!known) ++watched_;
  entry.handler = handler;
}

void EventLoop::unwatch(int fd) {
  if (static_cast<size_t>(fd) >= watches_.size() || !watches_[fd].handler) return;
  epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, fd, nullptr);
  watches_[fd].handler = nullptr;
  ++watches_[fd].generation;
  --watched_;
}

void EventLoop::run() {
  while (tasks > 0) {
    run_posted();
    fire_timers();
    flush();
    if (tasks > 0) wait_for_io();
  }
  flush();
  rethrow_failure();
}

void EventLoop::run_posted() {
  // Only those posted before the pass: a client that posts itself again must not starve the
  // network.
  for (size_t left = posted_.size(); left > 0; --left) {
    Wakeup* target = posted_.front();
    posted_.pop_front();
    target->wake();
  }
}

void EventLoop::fire_timers() {
  if (timers_.empty()) return;
  const int64_t now = now_ns();
  while (!timers_.empty() && timers_.top().time_ns <= now) {
    Wakeup* target = timers_.top().target;
    timers_.pop();
    target->wake();
  }
}

void EventLoop::flush() {
  flushing_.swap(flushers_);
  for (Wakeup* flusher : flushing_) flusher->wake();
  flushing_.clear();
}

// How long to sleep when the next timer is due in `left_ns`.
int64_t EventLoop::sleep_before(int64_t left_ns) {
  if (!precise_) return std::max<int64_t>(0, left_ns);
  return std::max<int64_t>(0, left_ns - spin_window_ns_);
}

// The window follows a late wake-up at once, and shrinks slowly when they come in time.
void EventLoop::learn_from_sleep(int64_t overslept_ns) {
  constexpr int64_t kLeastNs = 5'000, kMostNs = 200'000;
  const int64_t wanted_ns = overslept_ns + overslept_ns / 4;
  spin_window_ns_ =
      std::clamp(std::max(wanted_ns, spin_window_ns_ - spin_window_ns_ / 64), kLeastNs, kMostNs);
}

void EventLoop::wait_for_io() {
  // A look takes a microsecond or so. In one that took as long as this another had the processor,
  // and what that did is none of our CPU.
  constexpr int64_t kLongestLookNs = 20'000;
  timespec timeout{};
  const timespec* wait = &timeout;  // something is runnable: look at the network and come back
  int64_t before_ns = 0, sleep_ns = 0;
  const bool idle = posted_.empty() && flushers_.empty();
  if (idle && timers_.empty()) {
    if (watched_ == 0) throw Error::failed("the event loop has clients and nothing to wake them");
    wait = nullptr;
  } else if (idle) {
    before_ns = now_ns();
    sleep_ns = sleep_before(timers_.top().time_ns - before_ns);
    timeout = {static_cast<time_t>(sleep_ns / 1'000'000'000),
               static_cast<long>(sleep_ns % 1'000'000'000)};
  } else if (watched_ == 0) {
    return;
  }
  std::array<epoll_event, 256> events;
  const int count = epoll_pwait2(epoll_fd_, events.data(), events.size(), wait, nullptr);
  if (precise_ && count == 0 && before_ns != 0) {
    const int64_t after_ns = now_ns();
    if (sleep_ns > 0) {
      learn_from_sleep(after_ns - before_ns - sleep_ns);
    } else if (after_ns - before_ns < kLongestLookNs) {
      spin_ns_ += after_ns - before_ns;
    }
  }
  if (count < 0 && errno != EINTR) {
    throw Error::failed(std::string("epoll_pwait2: ") + std::strerror(errno));
  }
  for (int i = 0; i < count; ++i) {
    const Watch watch = watches_[static_cast<uint32_t>(events[i].data.u64)];
    if (watch.handler && watch.generation == events[i].data.u64 >> 32) {
      watch.handler->on_io(events[i].events);
    }
  }
}

}  // namespace cachegauge
