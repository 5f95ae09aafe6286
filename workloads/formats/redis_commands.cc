#include "workloads/formats/redis_commands.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace cachegauge {
namespace {

// Sorted by name.
constexpr RedisCommand kCommands[] = {
    {"append", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"bitcount", Op::kGet},
    {"bitpos", Op::kGet},
    {"decr", Op::kSet},
    {"decrby", Op::kSet},
    {"del", Op::kDelete, RedisKeys::kAll},
    {"dump", Op::kGet},
    {"exists", Op::kGet, RedisKeys::kAll},
    {"geoadd", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"geodist", Op::kGet},
    {"geohash", Op::kGet},
    {"geopos", Op::kGet},
    {"geosearch", Op::kGet},
    {"get", Op::kGet},
    {"getbit", Op::kGet},
    {"getdel", Op::kDelete},
    {"getex", Op::kGet, RedisKeys::kFirst, RedisValue::kNone, RedisTtl::kOptions},
    {"getrange", Op::kGet},
    {"getset", Op::kSet, RedisKeys::kFirst, RedisValue::kSecond},
    {"hdel", Op::kSet},
    {"hexists", Op::kGet},
    {"hget", Op::kGet},
    {"hgetall", Op::kGet},
    {"hincrby", Op::kSet},
    {"hincrbyfloat", Op::kSet},
    {"hkeys", Op::kGet},
    {"hlen", Op::kGet},
    {"hmget", Op::kGet},
    {"hmset", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"hrandfield", Op::kGet},
    {"hscan", Op::kGet},
    {"hset", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"hsetnx", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"hstrlen", Op::kGet},
    {"hvals", Op::kGet},
    {"incr", Op::kSet},
    {"incrby", Op::kSet},
    {"incrbyfloat", Op::kSet},
    {"lindex", Op::kGet},
    {"linsert", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"llen", Op::kGet},
    {"lpop", Op::kSet},
    {"lpos", Op::kGet},
    {"lpush", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"lpushx", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"lrange", Op::kGet},
    {"lrem", Op::kSet},
    {"lset", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"ltrim", Op::kSet},
    {"mget", Op::kGet, RedisKeys::kAll},
    {"mset", Op::kSet, RedisKeys::kPairs, RedisValue::kSecond},
    {"msetnx", Op::kAdd, RedisKeys::kPairs, RedisValue::kSecond},
    {"pfadd", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"pfcount", Op::kGet, RedisKeys::kAll},
    {"psetex", Op::kSet, RedisKeys::kFirst, RedisValue::kThird, RedisTtl::kSecondInMs},
    {"restore", Op::kSet, RedisKeys::kFirst, RedisValue::kThird},
    {"rpop", Op::kSet},
    {"rpush", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"rpushx", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"sadd", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"scard", Op::kGet},
    {"sdiff", Op::kGet, RedisKeys::kAll},
    {"set", Op::kSet, RedisKeys::kFirst, RedisValue::kSecond, RedisTtl::kOptions},
    {"setbit", Op::kSet},
    {"setex", Op::kSet, RedisKeys::kFirst, RedisValue::kThird, RedisTtl::kSecondInS},
    {"setnx", Op::kAdd, RedisKeys::kFirst, RedisValue::kSecond},
    {"setrange", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"sinter", Op::kGet, RedisKeys::kAll},
    {"sismember", Op::kGet},
    {"smembers", Op::kGet},
    {"smismember", Op::kGet},
    {"spop", Op::kSet},
    {"srandmember", Op::kGet},
    {"srem", Op::kSet},
    {"sscan", Op::kGet},
    {"strlen", Op::kGet},
    {"substr", Op::kGet},
    {"sunion", Op::kGet, RedisKeys::kAll},
    {"touch", Op::kGet, RedisKeys::kAll},
    {"unlink", Op::kDelete, RedisKeys::kAll},
    {"xadd", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"xdel", Op::kSet},
    {"xlen", Op::kGet},
    {"xrange", Op::kGet},
    {"xrevrange", Op::kGet},
    {"xtrim", Op::kSet},
    {"zadd", Op::kSet, RedisKeys::kFirst, RedisValue::kRest},
    {"zcard", Op::kGet},
    {"zcount", Op::kGet},
    {"zincrby", Op::kSet},
    {"zlexcount", Op::kGet},
    {"zmscore", Op::kGet},
    {"zpopmax", Op::kSet},
    {"zpopmin", Op::kSet},
    {"zrandmember", Op::kGet},
    {"zrange", Op::kGet},
    {"zrangebylex", Op::kGet},
    {"zrangebyscore", Op::kGet},
    {"zrank", Op::kGet},
    {"zrem", Op::kSet},
    {"zremrangebylex", Op::kSet},
    {"zremrangebyrank", Op::kSet},
    {"zremrangebyscore", Op::kSet},
    {"zrevrange", Op::kGet},
    {"zrevrangebylex", Op::kGet},
    {"zrevrangebyscore", Op::kGet},
    {"zrevrank", Op::kGet},
    {"zscan", Op::kGet},
    {"zscore", Op::kGet},
};

constexpr bool by_name(const RedisCommand& a, const RedisCommand& b) { return a.name < b.name; }
static_assert(std::is_sorted(std::begin(kCommands), std::end(kCommands), by_name));

constexpr size_t kLongestName = 16;

}  // namespace

const RedisCommand* find_redis_command(std::string_view name) {
  if (name.size() > kLongestName) return nullptr;
  std::array<char, kLongestName> lower;
  std::transform(name.begin(), name.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const RedisCommand wanted{.name = {lower.data(), name.size()}, .op = Op::kGet};
  const auto* found = std::lower_bound(std::begin(kCommands), std::end(kCommands), wanted, by_name);
  return found != std::end(kCommands) && found->name == wanted.name ? found : nullptr;
}

}  // namespace cachegauge
