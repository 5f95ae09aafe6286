#include "adapters/tiered/tiered_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr std::array kParams = {
    ParamInfo{"l1", "adapter",
              "of each client: a cache in this process; l1.entries= and so on are its parameters, "
              "l1.ttl=1s ends copies, l1.shared=true has one for the process"},
    ParamInfo{"l2", "adapter", "behind it, shared by all; l2.name= are its parameters"},
    ParamInfo{"invalidate", "ttl | pubsub | none",
              "what ends an old copy in an l1: its TTL, or a message over l2=redis"},
};

// The spec without a parameter that is not the cache's own.
Spec without(const Spec& spec, std::initializer_list<std::string_view> names) {
  std::vector<Spec::Param> params;
  for (const Spec::Param& param : spec.params()) {
    if (std::ranges::find(names, param.name) == names.end()) params.push_back(param);
  }
  return Spec(spec.kind(), std::move(params));
}

Spec read_tier(const Spec& spec, std::string_view name) {
  if (!spec.has(name)) {
    throw Error::usage(
        fmt::format("tiered has no {}=: give both tiers, as in "
                    "tiered:l1=lru,l1.entries=1000,l1.ttl=1s,l2=redis",
                    name));
  }
  Spec tier = spec.nested(name);
  if (tier.kind() == spec.kind()) {
    throw Error::usage(fmt::format("tiered:{}: a tier is a cache of one tier", name));
  }
  return tier;
}

void check_invalidation(const TieredOptions& options) {
  if (options.invalidation == Invalidation::kMessage && options.l1_shared) {
    throw Error::usage(
        "tiered:invalidate=pubsub: with l1.shared=true there is one first tier, and no other to "
        "tell: leave one of the two out");
  }
  if (options.invalidation == Invalidation::kTtl && options.l1_ttl_ns == 0 && !options.l1_shared) {
    throw Error::usage(
        "tiered: what ends an old copy in a first tier? Give l1.ttl=1s, or invalidate=pubsub over "
        "l2=redis, or l1.shared=true for one first tier, or invalidate=none to see how old they "
        "get");
  }
}

}  // namespace

std::span<const ParamInfo> tiered_params() { return kParams; }

TieredOptions parse_tiered_options(const Spec& spec) {
  spec.require_known(kParams);
  TieredOptions options;
  const Spec l1 = read_tier(spec, "l1");
  options.l2 = read_tier(spec, "l2");
  options.l1_ttl_ns = l1.duration_ns("ttl", 0);
  if (l1.has("ttl") && options.l1_ttl_ns <= 0) {
    throw Error::usage("tiered:l1.ttl: expected a time above 0, such as 1s");
  }
  options.l1_shared = l1.choice("shared", {"false", "true"}) == "true";
  options.l1 = without(l1, {"ttl", "shared"});
  const std::string how = spec.choice("invalidate", {"ttl", "pubsub", "none"});
  options.invalidation = how == "pubsub" ? Invalidation::kMessage
                         : how == "none" ? Invalidation::kNone
                                         : Invalidation::kTtl;
  check_invalidation(options);
  return options;
}

}  // namespace cachegauge
