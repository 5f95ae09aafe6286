#include "adapters/adapters.h"

#include <fmt/format.h>

#include <vector>

#include "adapters/disk/disk_kinds.h"
#include "adapters/local/local_adapters.h"
#include "adapters/memcached/memcached_adapter.h"
#include "adapters/plugin/plugin_adapter.h"
#include "adapters/redis/redis_adapter.h"
#include "adapters/tiered/tiered_adapter.h"

namespace cachegauge {

std::span<const AdapterKind> adapter_kinds() {
  static const std::vector<AdapterKind> kKinds = [] {
    std::vector<AdapterKind> kinds = local_adapter_kinds();
    kinds.push_back(redis_adapter_kind());
    kinds.push_back(memcached_adapter_kind());
    for (const AdapterKind& kind : disk_adapter_kinds()) kinds.push_back(kind);
    kinds.push_back(plugin_adapter_kind());
    kinds.push_back(tiered_adapter_kind());
    return kinds;
  }();
  return kKinds;
}

const AdapterKind& require_adapter_kind(std::string_view name) {
  refuse_offline_policy(name);
  return require_row(adapter_kinds(), name, "adapter");
}

std::unique_ptr<Adapter> make_adapter(const Spec& spec, const AdapterSettings& settings) {
  const AdapterKind& kind = require_adapter_kind(spec.kind());
  if (!kind.make) {
    throw Error::usage(
        fmt::format("the adapter \"{}\" was not built: {}", kind.name, kind.not_built));
  }
  if (!kind.takes_any_param) spec.require_known(kind.params);
  return kind.make(spec, settings);
}

}  // namespace cachegauge
