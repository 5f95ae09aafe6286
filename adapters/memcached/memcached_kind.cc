#include "adapters/memcached/memcached_adapter.h"
#include "adapters/memcached/memcached_options.h"

namespace cachegauge {

AdapterKind memcached_adapter_kind() {
  AdapterKind kind{.name = "memcached",
                   .summary = "memcached: a private server, a running one, or a pool",
                   .params = memcached_params(),
                   .make = nullptr};
#if CACHEGAUGE_HAS_LIBMEMCACHED
  kind.make = make_memcached_adapter;
#else
  kind.not_built = "libmemcached was not found: apt-get install libmemcached-dev and build again";
#endif
  return kind;
}

}  // namespace cachegauge
