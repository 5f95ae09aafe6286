// write-around: a write goes to the origin alone. A cached copy is left to go stale until its TTL
// ends or it is evicted, or it is deleted.
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {

std::unique_ptr<AccessPattern> make_write_around(const Spec& spec) {
  const bool invalidates = spec.choice("invalidate", {"false", "true"}) == "true";
  return std::make_unique<OriginFirst>(invalidates ? CopyAfterWrite::kDelete
                                                   : CopyAfterWrite::kLeave);
}

}  // namespace cachegauge
