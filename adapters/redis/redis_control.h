// Blocking connections for the few questions that are not part of the workload.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "adapters/redis/redis_login.h"
#include "adapters/server/address.h"
#include "adapters/server/figures.h"

struct redisContext;  // hiredis'

namespace cachegauge {

struct FreeRedisContext {
  void operator()(redisContext* context) const;
};

// A connection kept open. Not thread-safe. Once something was thrown it is of no more use.
class RedisControl {
 public:
  // Connects and logs in. Every step throws Error::failed when the server is not there, does not
  // answer within `timeout_ns` or refuses.
  RedisControl(const Address& address, const RedisLogin& login, int64_t timeout_ns);

  // What INFO answers, or INFO of one section.
  Figures info(std::string_view section = {});

  // Of a server of our own.
  void flush_all();
  void set_memory_limit(uint64_t bytes);

 private:
  Address address_;
  std::unique_ptr<redisContext, FreeRedisContext> context_;
};

// Connects, logs in, asks for INFO and disconnects. Throws Error::failed when the server is not
// there, does not answer within `timeout_ns`, refuses, or is no Redis.
Figures read_redis_info(const Address& address, const RedisLogin& login, int64_t timeout_ns);

// Keys in all databases, and in one of them, by INFO's keyspace section.
uint64_t keys_in_all_databases(const Figures& info);
uint64_t keys_in_database(const Figures& info, uint64_t database);

}  // namespace cachegauge
