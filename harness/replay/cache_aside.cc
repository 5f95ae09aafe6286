#include "harness/replay/patterns.h"

namespace cachegauge {

ClientTask serve_cache_aside(Scheduler&, Client& client) {
  while (co_await client.next()) {
    switch (client.request().op) {
      case Op::kGet: {
        const bool done = client.took_get(co_await client.get());
        if (done) break;
        if (client.has_origin()) {
          const bool loaded = client.took_load(co_await client.load());
          if (!loaded) break;
        }
        if (client.fills_on_miss()) client.took_fill(co_await client.fill());
        break;
      }
      case Op::kSet:
        client.took_set(co_await client.set());
        break;
      case Op::kAdd:
        client.took_add(co_await client.add());
        break;
      case Op::kDelete:
        client.took_remove(co_await client.remove());
        break;
    }
    client.finish();
  }
}

}  // namespace cachegauge
