#include "adapters/disk/disk_settings.h"

#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr std::array<std::string_view, 3> kPolicyNames = {"lrs", "lru", "lfu"};

uint64_t read_capacity(const Spec& spec, const AdapterSettings& settings) {
  const uint64_t capacity =
      spec.size_bytes("capacity", settings.memory_bytes.value_or(kDefaultDiskCapacity));
  if (capacity < kLeastDiskCapacity) {
    throw Error::usage(
        fmt::format("{}: a capacity of {} is too little for a file with its "
                    "indexes: give it {} or more",
                    spec.kind(), format_size(capacity), format_size(kLeastDiskCapacity)));
  }
  return capacity;
}

DiskPolicy policy_of(std::string_view name) {
  for (size_t i = 0; i < kPolicyNames.size(); ++i) {
    if (kPolicyNames[i] == name) return static_cast<DiskPolicy>(i);
  }
  return DiskPolicy::kLeastRecentlyStored;
}

}  // namespace

std::string_view disk_policy_name(DiskPolicy policy) {
  return kPolicyNames[static_cast<size_t>(policy)];
}

DiskSettings read_disk_settings(const Spec& spec, const AdapterSettings& settings,
                                std::initializer_list<std::string_view> policies) {
  DiskSettings read;
  if (const std::string* path = spec.find("path")) {
    if (path->empty()) throw Error::usage(fmt::format("{}:path: it is empty", spec.kind()));
    read.path = std::filesystem::absolute(*path).string();
  }
  read.capacity_bytes = read_capacity(spec, settings);
  read.policy = policy_of(spec.choice("policy", policies));
  read.timeout_ns = settings.timeout_ns;
  return read;
}

}  // namespace cachegauge
