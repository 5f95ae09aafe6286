// The sessions of one thread to servers that hold locks and nothing else (redlock): a connection to
// each, for as many commands as there are.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/replay/session_pool.h"

namespace cachegauge {

class LockPools {
 public:
  // None without servers. Throws Error::failed for one that is not there.
  LockPools(const SessionContext& context, std::span<const std::unique_ptr<Adapter>> servers);

  std::span<const std::unique_ptr<SessionPool>> pools() const { return pools_; }

 private:
  std::vector<std::unique_ptr<SessionPool>> pools_;
};

}  // namespace cachegauge
