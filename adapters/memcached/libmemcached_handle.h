// libmemcached's connection to a server or a pool.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "adapters/server/address.h"

struct memcached_st;  // libmemcached's

namespace cachegauge {

struct FreeMemcached {
  void operator()(memcached_st* handle) const;
};
using MemcachedHandle = std::unique_ptr<memcached_st, FreeMemcached>;

// Connects with the first command. Several servers are a pool under consistent ketama hashing.
MemcachedHandle make_memcached_handle(std::span<const Address> servers, int64_t timeout_ns);

}  // namespace cachegauge
