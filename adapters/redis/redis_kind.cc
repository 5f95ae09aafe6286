#include "adapters/redis/redis_adapter.h"
#include "adapters/redis/redis_options.h"

namespace cachegauge {

AdapterKind redis_adapter_kind() {
  AdapterKind kind{.name = "redis",
                   .summary = "Redis: a private server, or a running one by its address",
                   .params = redis_params(),
                   .make = nullptr};
#if CACHEGAUGE_HAS_HIREDIS
  kind.make = make_redis_adapter;
#else
  kind.not_built = "hiredis was not found: apt-get install libhiredis-dev and build again";
#endif
  return kind;
}

}  // namespace cachegauge
