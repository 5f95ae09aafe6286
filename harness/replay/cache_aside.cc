#include "harness/replay/guarded_get.h"
#include "harness/replay/patterns.h"

namespace cachegauge {

ClientTask serve_cache_aside(Scheduler&, Client& client) {
  while (co_await client.next()) {
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
  for (auto run = client.next_at_once(); !run.empty(); run = client.next_at_once()) {
    for (const PreparedRequest& request : run) {
      client.begin_at_once(request);
      switch (request.op) {
        case Op::kGet:
          if (!client.took_get(client.get().now()) && client.fills_on_miss()) {
            client.took_fill(client.fill().now());
          }
          break;
        case Op::kSet:
          client.took_set(client.set().now());
          break;
        case Op::kAdd:
          client.took_add(client.add().now());
          break;
        case Op::kDelete:
          client.took_remove(client.remove().now());
          break;
      }
      client.finish_at_once();
    }
  }
}

}  // namespace cachegauge
