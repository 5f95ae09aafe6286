// Questions asked of a memcached that are not part of the workload; they block.
#pragma once

#include <cstdint>
#include <string>

#include "adapters/memcached/libmemcached_handle.h"
#include "adapters/server/address.h"
#include "adapters/server/figures.h"

namespace cachegauge {

// What `stats` answers, or `stats settings` and the like for a group. Throws Error::failed when the
// server is not there or does not answer within `timeout_ns`.
Figures read_memcached_stats(const Address& address, const std::string& group, int64_t timeout_ns);

// As read_memcached_stats(), over a connection that is kept. Not thread-safe.
class MemcachedControl {
 public:
  // Connects with the first question, and again after one that failed.
  MemcachedControl(const Address& address, int64_t timeout_ns);
  Figures stats(const std::string& group = {});

 private:
  Address address_;
  MemcachedHandle handle_;
};

// Of a server of our own. Throw Error::failed. It takes no limit below kLeastLimitMib.
inline constexpr uint64_t kLeastLimitMib = 8;
void flush_memcached(const Address& address, int64_t timeout_ns);
void set_memcached_limit(const Address& address, uint64_t mib, int64_t timeout_ns);

// Throws Error::failed, naming client=libmemcached as the remedy, if the server does not speak the
// meta protocol (before memcached 1.6).
void require_meta_protocol(const Address& address, int64_t timeout_ns);

}  // namespace cachegauge
