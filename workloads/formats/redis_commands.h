// What a Redis command means to a cache: which of its arguments are keys, and what it does to them.
#pragma once

#include <cstdint>
#include <string_view>

#include "harness/core/request.h"

namespace cachegauge {

enum class RedisKeys : uint8_t {
  kFirst,  // the first argument
  kAll,    // every argument
  kPairs,  // key and value in turn
};

enum class RedisValue : uint8_t {
  kNone,    // the command carries no value
  kSecond,  // the argument after the key (of kPairs: after each)
  kThird,   // the one after that: SETEX key seconds value
  kRest,    // all arguments after the key together: what HSET or RPUSH writes
};

// How the TTL is given.
enum class RedisTtl : uint8_t { kNone, kSecondInS, kSecondInMs, kOptions };

struct RedisCommand {
  std::string_view name;  // in lower case
  Op op;
  RedisKeys keys = RedisKeys::kFirst;
  RedisValue value = RedisValue::kNone;
  RedisTtl ttl = RedisTtl::kNone;
};

// Null for a command that reads or writes no value under a key (PING, EXPIRE, TTL, PUBLISH, EVAL,
// …) and for one that is not known here. `name` in upper or lower case.
const RedisCommand* find_redis_command(std::string_view name);

}  // namespace cachegauge
