// Ctrl-C: the first lets the program end in order, with what it has by then; a second one ends it
// at once.
#pragma once

#include <atomic>

namespace cachegauge {

// From now on SIGINT and SIGTERM are counted, and SIGPIPE is ignored.
void catch_interrupts();

// Becomes true with the first. Lives as long as the program.
const std::atomic<bool>& interrupted();

}  // namespace cachegauge
