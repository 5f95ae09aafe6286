// The parameters that caches on disk share, read from their specs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "harness/core/adapter.h"

namespace cachegauge {

// What goes first when room is needed, once the expired are gone. The names and the default are
// those that diskcache's users know (Grant Jenks, "DiskCache", 2016).
enum class DiskPolicy {
  kLeastRecentlyStored,
  kLeastRecentlyUsed,
  kLeastFrequentlyUsed,  // of equal counts, who reached it first; a set of a key that is there adds
                         // one
};
std::string_view disk_policy_name(DiskPolicy policy);  // "lrs", "lru", "lfu"

inline constexpr uint64_t kDefaultDiskCapacity = uint64_t{1} << 30;  // as diskcache's
inline constexpr uint64_t kLeastDiskCapacity = 64 * 1024;  // an empty database with its indexes: 28

struct DiskSettings {
  std::optional<std::string> path;  // none: in a private folder
  uint64_t capacity_bytes = kDefaultDiskCapacity;
  DiskPolicy policy = DiskPolicy::kLeastRecentlyStored;
  int64_t timeout_ns = 0;
};

inline constexpr ParamInfo kDiskPathParam = {
    "path", "path", "where it lies; removed at the end if this run made it (a private folder)"};
inline constexpr ParamInfo kDiskCapacityParam = {"capacity", "size = --memory",
                                                 "bytes on disk that its data may take (1 GiB)"};

// Throws Error::usage. `policies` are those the kind has, the default first.
DiskSettings read_disk_settings(const Spec& spec, const AdapterSettings& settings,
                                std::initializer_list<std::string_view> policies);

}  // namespace cachegauge
