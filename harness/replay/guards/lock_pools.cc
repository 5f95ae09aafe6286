#include "harness/replay/guards/lock_pools.h"

namespace cachegauge {

LockPools::LockPools(const SessionContext& context,
                     std::span<const std::unique_ptr<Adapter>> servers) {
  for (const auto& server : servers) {
    SessionPool::Options options;
    options.immediate = server->capabilities().in_process;
    SessionPool& pool =
        *pools_.emplace_back(std::make_unique<SessionPool>(context.scheduler, options));
    SessionContext own = context;
    own.ready = pool.add_place();
    pool.attach(server->open(own));
  }
}

}  // namespace cachegauge
