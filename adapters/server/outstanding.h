// The commands of one connection that wait for their replies, in the order in which these will
// come. Those that were given up stay until their late reply is here, at the head: deadlines rise
// along the queue.
#pragma once

#include <cstdint>

#include "adapters/server/ring.h"
#include "harness/core/session.h"

namespace cachegauge {

struct Outstanding {
  uint64_t tag = 0;
  int64_t started_ns = 0;   // 0: not yet flushed
  int64_t deadline_ns = 0;  // set with started_ns
  uint64_t position = 0;    // of its first byte in the output
  CommandKind kind = CommandKind::kGet;
  bool greeting = false;  // ours, not the caller's: completes nothing
};

class OutstandingQueue {
 public:
  bool empty() const { return commands_.empty(); }
  const Outstanding& front() { return commands_.front(); }

  void push(const Outstanding& command) {
    commands_.push_back(command);
    ++unflushed_;
  }

  // True if the command at the head was given up, so that its reply is to be dropped.
  bool pop_front_given_up() {
    commands_.pop_front();
    if (unflushed_ > commands_.size()) unflushed_ = commands_.size();
    if (given_up_ == 0) return false;
    --given_up_;
    return true;
  }

  void clear() {
    commands_.clear();
    given_up_ = unflushed_ = 0;
  }

  // Stamps what was pushed since the last call.
  void flushed(int64_t now_ns, int64_t timeout_ns) {
    for (; unflushed_ > 0; --unflushed_) {
      Outstanding& command = commands_[commands_.size() - unflushed_];
      command.started_ns = now_ns;
      command.deadline_ns = now_ns + timeout_ns;
    }
  }

  // Stamps anew those of which no byte before `position` is: they start only now.
  void restart_from(uint64_t position, int64_t now_ns) {
    for (size_t i = commands_.size(); i > given_up_ && commands_[i - 1].position >= position; --i) {
      commands_[i - 1].started_ns = now_ns;
    }
  }

  // Calls give_up(command) for each that is due.
  template <class GiveUp>
  void expire(int64_t now_ns, GiveUp give_up) {
    while (has_deadline() && next_deadline_ns() <= now_ns) give_up(commands_[given_up_++]);
  }
  bool has_deadline() const { return given_up_ + unflushed_ < commands_.size(); }
  int64_t next_deadline_ns() const { return commands_[given_up_].deadline_ns; }
  size_t given_up() const { return given_up_; }

  // Calls visit(command) for each that was not given up.
  template <class Visit>
  void for_each_live(Visit visit) {
    for (size_t i = given_up_; i < commands_.size(); ++i) visit(commands_[i]);
  }

 private:
  Ring<Outstanding> commands_;
  size_t given_up_ = 0;   // at the head
  size_t unflushed_ = 0;  // at the tail
};

}  // namespace cachegauge
