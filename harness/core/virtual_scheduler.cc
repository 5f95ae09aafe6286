#include "harness/core/virtual_scheduler.h"

#include <algorithm>
#include <tuple>

#include "harness/core/error.h"

namespace cachegauge {

bool VirtualScheduler::Later::operator()(const Event& a, const Event& b) const {
  return std::tie(a.time_ns, a.client, a.sequence) > std::tie(b.time_ns, b.client, b.sequence);
}

void VirtualScheduler::wake_at(int64_t time_ns, uint32_t client, Wakeup* target) {
  events_.push({std::max(time_ns, now_ns_), client, next_sequence_++, target});
}

bool VirtualScheduler::try_jump_to(int64_t time_ns) {
  if (!posted_.empty() || (!events_.empty() && events_.top().time_ns <= time_ns)) return false;
  now_ns_ = time_ns;
  return true;
}

void VirtualScheduler::run() {
  while (tasks > 0) {
    if (!posted_.empty()) {
      Wakeup* target = posted_.front();
      posted_.pop_front();
      target->wake();
    } else if (!events_.empty()) {
      const Event event = events_.top();
      events_.pop();
      now_ns_ = event.time_ns;
      event.target->wake();
    } else {
      throw Error::failed("the virtual scheduler has clients waiting and nothing to wake them");
    }
  }
  rethrow_failure();
}

}  // namespace cachegauge
