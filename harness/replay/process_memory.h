// What this process has in memory.
#pragma once

#include <cstdint>
#include <optional>

namespace cachegauge {

// Resident bytes (Rss of /proc/self/smaps_rollup, which the kernel counts page by page when asked),
// after free memory has been given back to it: the difference of two calls is what was freed, or
// taken, in between. Null where the kernel does not say. Takes milliseconds a gigabyte.
std::optional<uint64_t> resident_bytes_in_use();

}  // namespace cachegauge
