#include "harness/cli/lock_servers.h"

#include "adapters/adapters.h"
#include "harness/replay/guards/guard.h"

namespace cachegauge {

std::function<std::unique_ptr<Adapter>()> lock_server_maker(std::span<const Spec> guard,
                                                            const Experiment& experiment) {
  const LockServers wanted = make_guard(guard).lock_servers();
  if (wanted.count == 0) return {};
  const Spec redis("redis");  // without a limit of memory: no lock is evicted
  AdapterSettings settings;
  settings.timeout_ns = wanted.timeout_ns;
  settings.seed = experiment.seed;
  settings.server_cpus = experiment.pin.server_cpus;
  make_adapter(redis, settings);  // is it there?
  return [redis, settings] { return make_adapter(redis, settings); };
}

}  // namespace cachegauge
