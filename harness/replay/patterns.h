// How the application uses cache and origin. Each pattern is one file and one row here: a coroutine
// that serves one lane of a client until its workload ends.
#pragma once

#include <span>
#include <string_view>

#include "harness/core/coroutine.h"
#include "harness/core/registry.h"
#include "harness/replay/client.h"

namespace cachegauge {

struct PatternKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  ClientTask (*serve)(Scheduler& scheduler, Client& client);
  // Carries out requests as long as client.next_at_once() has one: the pattern without an origin,
  // on a cache that completes each command within submit(), where there is nothing to await.
  void (*serve_at_once)(Client& client);
  // The same under a guard.
  ClientTask (*serve_guarded)(Scheduler& scheduler, Client& client, Guarding& guarding);
};

// cache-aside: ask the cache; on a miss ask the origin, and set what it answered.
ClientTask serve_cache_aside(Scheduler& scheduler, Client& client);
void serve_cache_aside_at_once(Client& client);
ClientTask serve_cache_aside_guarded(Scheduler& scheduler, Client& client, Guarding& guarding);

std::span<const PatternKind> pattern_kinds();

}  // namespace cachegauge
