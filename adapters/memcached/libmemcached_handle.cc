#include "adapters/memcached/libmemcached_handle.h"

#include <libmemcached/memcached.h>

#include <algorithm>
#include <new>

namespace cachegauge {

void FreeMemcached::operator()(memcached_st* handle) const { memcached_free(handle); }

MemcachedHandle make_memcached_handle(std::span<const Address> servers, int64_t timeout_ns) {
  MemcachedHandle handle(memcached_create(nullptr));
  if (!handle) throw std::bad_alloc();
  const auto timeout_us = static_cast<uint64_t>(std::max<int64_t>(1000, timeout_ns / 1000));
  auto set = [&](memcached_behavior_t behavior, uint64_t value) {
    memcached_behavior_set(handle.get(), behavior, value);
  };
  set(MEMCACHED_BEHAVIOR_TCP_NODELAY, 1);
  set(MEMCACHED_BEHAVIOR_POLL_TIMEOUT, timeout_us / 1000);
  set(MEMCACHED_BEHAVIOR_CONNECT_TIMEOUT, timeout_us / 1000);
  set(MEMCACHED_BEHAVIOR_SND_TIMEOUT, timeout_us);
  set(MEMCACHED_BEHAVIOR_RCV_TIMEOUT, timeout_us);
  // ThreadedSession spaces the attempts; two seconds of "temporarily disabled" would hide a server
  // that is back.
  set(MEMCACHED_BEHAVIOR_RETRY_TIMEOUT, 0);
  if (servers.size() > 1) set(MEMCACHED_BEHAVIOR_KETAMA, 1);
  for (const Address& server : servers) {
    if (server.is_unix()) {
      memcached_server_add_unix_socket(handle.get(), server.socket_path.c_str());
    } else {
      memcached_server_add(handle.get(), server.host.c_str(), server.port);
    }
  }
  return handle;
}

}  // namespace cachegauge
