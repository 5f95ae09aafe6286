#include "harness/replay/at_once.h"
#include "harness/replay/guarded_get.h"
#include "harness/replay/patterns.h"

namespace cachegauge {

ClientTask serve_cache_aside(Scheduler&, Client& client) {
  for (bool more = co_await client.next(); more; more = co_await client.next()) {
    switch (client.request().op) {
      case Op::kGet: {
        const Completion& found = co_await client.get();
        if (client.took_get(found)) {
          if (client.needs_fallback(found)) client.took_fallback(co_await client.load());
          break;
        }
        if (client.has_origin()) {
          const bool loaded = client.took_load(co_await client.load());
          if (!loaded) break;
        }
        if (client.fills_on_miss()) client.took_fill(co_await client.fill());
        break;
      }
      default:
        client.took_change(co_await client.change());
        break;
    }
    client.finish();
  }
}

ClientTask serve_cache_aside_guarded(Scheduler&, Client& client, Guarding& guarding) {
  for (bool more = co_await client.next(); more; more = co_await client.next()) {
    if (client.request().op == Op::kGet) {
      co_await guarding.get(client);
    } else {
      guarding.envelop(client);
      client.took_change(co_await client.change());
    }
    client.finish();
  }
}

void serve_cache_aside_at_once(Client& client) {
  const bool fills = client.fills_on_miss();
  for (auto run = client.next_at_once(); !run.empty(); run = client.next_at_once()) {
    AtOnce cache(client);
    for (const PreparedRequest& request : run) {
      cache.begin(request);
      if (request.op != Op::kGet) {
        cache.change();
      } else if (!cache.get() && fills) {
        cache.fill();
      }
    }
    cache.count();
  }
}

}  // namespace cachegauge
