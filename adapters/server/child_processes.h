// The processes that a server has started, which its guardian cannot wait for, and which need not
// be in its process group. Async-signal-safe: nothing allocates or locks.
#pragma once

#include <sys/types.h>

namespace cachegauge {

// Whether the kernel tells which they are (CONFIG_PROC_CHILDREN).
bool can_find_children();

// Sends the signal to every child of the process, whose main thread has started them. Those that
// come and go meanwhile may be missed.
void signal_children(pid_t parent, int signal);

}  // namespace cachegauge
