// Ports of 127.0.0.1 for servers of our own.
#pragma once

#include <sys/types.h>

#include <cstdint>

namespace cachegauge {

// A port that nobody uses now; others may take it at any moment. Throws Error::failed.
uint16_t free_loopback_port();

// False as long as someone listens there, or is connected from there.
bool is_free_loopback_port(uint16_t port);

// True if the process itself listens there: that something accepts connections on a port does not
// say who does. The process must be ours to look at (/proc/PID/fd).
bool listens_on_loopback(pid_t pid, uint16_t port);

}  // namespace cachegauge
