// What a spec of kind `redis` says.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "adapters/redis/redis_login.h"
#include "adapters/server/address.h"
#include "harness/core/adapter.h"

namespace cachegauge {

std::span<const ParamInfo> redis_params();

struct RedisOptions {
  // A server of our own.
  bool is_private = true;
  std::string binary;
  std::optional<uint64_t> maxmemory;
  std::string policy;  // maxmemory-policy; empty: the server's own
  std::optional<uint64_t> samples;
  bool uses_tcp = false;  // and not a unix socket

  // A running one.
  Address address;
  RedisLogin login;
};

// Throws Error::usage. Reads the password from the URL, `password-file` or the environment's
// CACHEGAUGE_REDIS_PASSWORD, in this order; no text of an error ever holds it.
RedisOptions parse_redis_options(const Spec& spec, const AdapterSettings& settings);

}  // namespace cachegauge
