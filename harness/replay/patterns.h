// How the application uses cache and origin. Each pattern is one row here, and a file: an
// AccessPattern (patterns/access_pattern.h) that reads and writes request by request.
//
// The plain cache-aside, whose writes go to the cache alone, has coroutines of its own, each of
// which serves one lane of a client until its workload ends: it is what most caches are measured
// with, and what its every step costs is felt.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "harness/core/coroutine.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"
#include "harness/replay/client.h"

namespace cachegauge {

class AccessPattern;

struct PatternKind {
  std::string_view name;
  std::string_view summary;
  std::span<const ParamInfo> params;
  // Null for a spec whose writes go to the cache alone; then the functions below serve. Throws
  // Error::usage for parameters that make no sense.
  std::unique_ptr<AccessPattern> (*make)(const Spec& spec);
  ClientTask (*serve)(Scheduler& scheduler, Client& client) = nullptr;
  // Carries out requests as long as client.next_at_once() has one: the pattern without an origin,
  // on a cache that completes each command within submit(), where there is nothing to await.
  void (*serve_at_once)(Client& client) = nullptr;
  // The same under a guard.
  ClientTask (*serve_guarded)(Scheduler& scheduler, Client& client, Guarding& guarding) = nullptr;
  bool takes_any_param = false;  // their names are the user's, and `make` checks them
};

// cache-aside: ask the cache; on a miss ask the origin, and set what it answered.
ClientTask serve_cache_aside(Scheduler& scheduler, Client& client);
void serve_cache_aside_at_once(Client& client);
ClientTask serve_cache_aside_guarded(Scheduler& scheduler, Client& client, Guarding& guarding);

std::span<const PatternKind> pattern_kinds();

// Null for a pattern whose writes go to the cache alone. Throws Error::usage for what is not known
// or makes no sense.
std::unique_ptr<AccessPattern> make_pattern(const Spec& spec);

}  // namespace cachegauge
