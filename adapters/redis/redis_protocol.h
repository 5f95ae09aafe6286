// RESP on a connection: GET, SET with PX and NX, DEL. Replies are parsed by hiredis' redisReader
// with reply functions of our own, which copy the value straight to where the caller gets it and
// allocate nothing.
#pragma once

#include <memory>

#include "adapters/redis/redis_login.h"
#include "adapters/server/protocol.h"

namespace cachegauge {

// Keys and values of Redis are strings of at most 512 MiB.
inline constexpr uint64_t kRedisLongestString = 512ull << 20;

std::unique_ptr<Protocol> make_redis_protocol(const RedisLogin& login);

}  // namespace cachegauge
