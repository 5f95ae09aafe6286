#include "adapters/local/local_settings.h"

#include <fmt/format.h>

#include <string>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr uint64_t kMaxShards = 4096;

PolicyCapacity read_capacity(const Spec& spec, const AdapterSettings& settings) {
  const std::string& kind = spec.kind();
  if (spec.has("entries") && spec.has("capacity")) {
    throw Error::usage(fmt::format(
        "{}: both entries= and capacity= are given; a cache is bounded by one of them", kind));
  }
  if (spec.has("entries")) return {.limit = spec.count("entries", 0), .in_bytes = false};
  if (spec.has("capacity")) return {.limit = spec.size_bytes("capacity", 0), .in_bytes = true};
  if (settings.memory_bytes) return {.limit = *settings.memory_bytes, .in_bytes = true};
  throw Error::usage(fmt::format(
      "{0} needs a bound: say {0}:entries=10k, {0}:capacity=64MiB or --memory 64MiB", kind));
}

void require_room(const Spec& spec, const LocalSettings& s) {
  const uint64_t smallest = s.shard_capacity(s.shards - 1).limit;
  if (s.capacity.in_bytes && smallest <= kItemChargeBytes) {
    throw Error::usage(
        fmt::format("{}: {} for each of {} shard(s) holds nothing, as an item takes {} bytes "
                    "beside its key and "
                    "value; give it more bytes, or entries=",
                    spec.kind(), format_size(smallest), s.shards, kItemChargeBytes));
  }
  if (!s.capacity.in_bytes && smallest == 0) {
    throw Error::usage(fmt::format("{}: entries={} is less than one for each of {} shard(s)",
                                   spec.kind(), s.capacity.limit, s.shards));
  }
  if (!s.capacity.in_bytes && s.shard_capacity(0).limit >= kMaxSlots) {
    throw Error::usage(fmt::format("{}: entries={} is too many; a shard holds up to {}",
                                   spec.kind(), s.capacity.limit, kMaxSlots - 1));
  }
}

}  // namespace

PolicyCapacity LocalSettings::shard_capacity(uint32_t index) const {
  PolicyCapacity part = capacity;
  part.limit = capacity.limit / shards + (index < capacity.limit % shards ? 1 : 0);
  return part;
}

std::vector<Spec::Param> LocalSettings::resolved() const {
  std::vector<Spec::Param> params;
  if (capacity.limit != PolicyCapacity{}.limit) {
    params.push_back({capacity.in_bytes ? "capacity" : "entries", std::to_string(capacity.limit)});
  }
  if (capacity.in_bytes) params.push_back({"item_charge", std::to_string(kItemChargeBytes)});
  params.push_back({"shards", std::to_string(shards)});
  params.push_back({"copy", shares_values ? "share" : "copy"});
  return params;
}

LocalSettings read_local_settings(const Spec& spec, const AdapterSettings& settings, bool bounded) {
  LocalSettings s;
  const uint64_t shards = spec.count("shards", 1);
  if (shards < 1 || shards > kMaxShards) {
    throw Error::usage(
        fmt::format("{}:shards: expected 1 to {}, got {}", spec.kind(), kMaxShards, shards));
  }
  s.shards = static_cast<uint32_t>(shards);
  s.concurrent = settings.threads > 1;
  s.shares_values = spec.choice("copy", {"copy", "share"}) == "share";
  if (s.shares_values && s.concurrent) {
    throw Error::usage(fmt::format(
        "{}:copy=share: with several threads one may evict what another is reading: leave "
        "--threads out, or copy=share",
        spec.kind()));
  }
  s.seed = settings.seed;
  if (bounded) {
    s.capacity = read_capacity(spec, settings);
    require_room(spec, s);
  }
  return s;
}

}  // namespace cachegauge
