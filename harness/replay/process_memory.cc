#include "harness/replay/process_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace cachegauge {

std::optional<uint64_t> resident_bytes_in_use() {
  malloc_trim(0);
  std::ifstream rollup("/proc/self/smaps_rollup");
  std::string word;
  while (rollup >> word) {
    uint64_t kib = 0;
    if (word == "Rss:" && rollup >> kib) return kib * 1024;
  }
  return std::nullopt;
}

}  // namespace cachegauge
