// The parameters that all local caches share, read from their specs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/admission/admissions.h"
#include "adapters/local/policies/policy.h"
#include "harness/core/adapter.h"
#include "harness/core/registry.h"
#include "harness/core/spec.h"

namespace cachegauge {

inline constexpr ParamInfo kShardsParam = {
    "shards", "count = 1", "independent parts with a lock each, for several threads"};
inline constexpr ParamInfo kCopyParam = {
    "copy", "copy | share", "a hit's value is copied for its caller, or is the stored one itself"};
inline constexpr std::array<ParamInfo, 5> kBoundedParams = {{
    {"entries", "count", "how many entries it may hold"},
    {"capacity", "size", "how many bytes: keys, values and 56 an item (default: --memory)"},
    kShardsParam,
    kAdmissionParam,
    kCopyParam,
}};
inline constexpr std::array<ParamInfo, 3> kUnboundedParams = {
    {kShardsParam, kAdmissionParam, kCopyParam}};

struct LocalSettings {
  PolicyCapacity capacity;  // of all shards together
  uint32_t shards = 1;
  bool concurrent = false;     // several threads will use it
  bool shares_values = false;  // hits hand out the stored values themselves
  uint64_t seed = 42;

  // The part of shard `index`; the parts add up to `capacity`.
  PolicyCapacity shard_capacity(uint32_t index) const;
  // For reports: what bounds it, how it is split, and what a hit hands out.
  std::vector<Spec::Param> resolved() const;
};

// Throws Error::usage, with what to write instead, for a bounded policy that has no bound, or two,
// or one in which no shard could hold anything, and for values shared between threads.
LocalSettings read_local_settings(const Spec& spec, const AdapterSettings& settings, bool bounded);

}  // namespace cachegauge
