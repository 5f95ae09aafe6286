// A blocking connection for the few questions asked between phases.
#pragma once

#include "adapters/redis/redis_login.h"
#include "adapters/server/address.h"
#include "adapters/server/figures.h"

namespace cachegauge {

// Connects, logs in, asks for INFO and disconnects. Throws Error::failed when the server is not
// there, does not answer within `timeout_ns`, refuses, or is no Redis.
Figures read_redis_info(const Address& address, const RedisLogin& login, int64_t timeout_ns);

// Keys in all databases, and in one of them, by INFO's keyspace section.
uint64_t keys_in_all_databases(const Figures& info);
uint64_t keys_in_database(const Figures& info, uint64_t database);

}  // namespace cachegauge
