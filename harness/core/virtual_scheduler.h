// Virtual time: now_ns() stands still while clients run and jumps to the next event when none can.
// Everything about it is deterministic.
#pragma once

#include <deque>
#include <queue>
#include <vector>

#include "harness/core/scheduler.h"

namespace cachegauge {

class VirtualScheduler final : public Scheduler {
 public:
  int64_t now_ns() const override { return now_ns_; }
  void wake_at(int64_t time_ns, uint32_t client, Wakeup* target) override;
  void post(Wakeup* target) override { posted_.push_back(target); }
  void run() override;
  bool is_virtual() const override { return true; }

  // Moves time to `time_ns` at once if nothing else is due before or at it, and says whether it
  // did: the short way for a lone client whose next request lies in the future. A time already past
  // is no move, and true.
  bool try_advance_to(int64_t time_ns) { return time_ns <= now_ns_ || try_jump_to(time_ns); }

 private:
  bool try_jump_to(int64_t time_ns);

  struct Event {
    int64_t time_ns;
    uint32_t client;
    uint64_t sequence;
    Wakeup* target;
  };
  struct Later {
    bool operator()(const Event& a, const Event& b) const;
  };

  int64_t now_ns_ = 0;
  uint64_t next_sequence_ = 0;
  std::priority_queue<Event, std::vector<Event>, Later> events_;
  std::deque<Wakeup*> posted_;
};

}  // namespace cachegauge
