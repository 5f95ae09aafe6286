#include "harness/replay/session_port.h"

#include <array>

namespace cachegauge {

// Sessions that do not stamp are stamped here: at the submit, and when their completion is seen.
void SessionPort::Call::complete(const Completion& completion) {
  const int64_t submitted_ns = completion_.started_ns;
  completion_ = completion;
  if (timed_ && completion.completed_ns == 0) {
    completion_.started_ns = submitted_ns;
    completion_.completed_ns = monotonic_ns();
  }
}

bool SessionPort::take_immediate(Call& call) {
  Completion completion;
  if (session_->poll({&completion, 1}) == 0) return false;
  call.complete(completion);
  return true;
}

void SessionPort::wake() {
  std::array<Completion, 64> completions;
  while (true) {
    // Values stay valid until the next poll, and each coroutine is done with its own when it
    // awaits.
    const size_t count = session_->poll(completions);
    for (size_t i = 0; i < count; ++i) {
      Call& call = *reinterpret_cast<Call*>(completions[i].tag);
      call.complete(completions[i]);
      call.waiter_.resume();
    }
    if (count < completions.size()) return;
  }
}

}  // namespace cachegauge
