#include "harness/cli/interrupts.h"

#include <signal.h>
#include <unistd.h>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

std::atomic<bool> was_interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "it is set in a signal handler");

void on_interrupt(int) {
  if (was_interrupted.exchange(true)) _exit(static_cast<int>(ExitCode::kInterrupted));
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  signal(SIGPIPE, SIG_IGN);
}

const std::atomic<bool>& interrupted() { return was_interrupted; }

}  // namespace cachegauge
