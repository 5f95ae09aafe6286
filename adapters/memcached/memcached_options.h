// What a spec of kind `memcached` says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "adapters/server/address.h"
#include "harness/core/adapter.h"

namespace cachegauge {

std::span<const ParamInfo> memcached_params();

struct MemcachedOptions {
  // A server of our own; otherwise the running ones.
  bool is_private = true;
  std::string binary;
  std::optional<uint64_t> memory_mib;  // memcached takes whole ones; null: its default of 64
  bool memory_was_rounded = false;
  std::optional<uint64_t> threads;
  std::optional<uint64_t> item_size_max;
  bool uses_tcp = false;  // and not a unix socket

  std::vector<Address> servers;
  bool uses_libmemcached = false;  // and not our own client
};

// Throws Error::usage.
MemcachedOptions parse_memcached_options(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
