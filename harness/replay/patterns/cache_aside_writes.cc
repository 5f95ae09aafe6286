// cache-aside of an application that writes, too: to the origin, and then it sets the copy or
// deletes it. Deleting loses a race less often: a set may come after that of a later write
// (Nishtala et al., "Scaling Memcache at Facebook", NSDI 2013, section 2).
#include "harness/replay/patterns/access_pattern.h"

namespace cachegauge {

std::unique_ptr<AccessPattern> make_cache_aside(const Spec& spec) {
  if (!spec.has("on-write")) return nullptr;
  const bool sets = spec.choice("on-write", {"delete", "set"}) == "set";
  return std::make_unique<OriginFirst>(sets ? CopyAfterWrite::kSet : CopyAfterWrite::kDelete);
}

}  // namespace cachegauge
