// write-through: a write is acknowledged when the origin has it, and after that the cache.
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {

std::unique_ptr<AccessPattern> make_write_through(const Spec&) {
  return std::make_unique<OriginFirst>(CopyAfterWrite::kSet);
}

}  // namespace cachegauge
