// What specs of the network adapters mean, without any server.
#include <gtest/gtest.h>

#include <fstream>

#include "adapters/memcached/memcached_options.h"
#include "adapters/redis/redis_options.h"
#include "harness/core/error.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

RedisOptions redis_options(const std::string& spec, const AdapterSettings& settings = {}) {
  return parse_redis_options(Spec::parse(spec), settings);
}

MemcachedOptions memcached(const std::string& spec, const AdapterSettings& settings = {}) {
  return parse_memcached_options(Spec::parse(spec), settings);
}

template <class Parse>
std::string usage_error(Parse parse) {
  try {
    parse();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(RedisOptions, PrivateServer) {
  const RedisOptions plain = redis_options("redis");
  EXPECT_TRUE(plain.is_private);
  EXPECT_EQ(plain.binary, "redis-server");
  EXPECT_EQ(plain.maxmemory, std::nullopt);
  EXPECT_EQ(plain.policy, "");
  const RedisOptions budget = redis_options("redis", {.memory_bytes = 1000});
  EXPECT_EQ(budget.maxmemory, 1000u);
  EXPECT_EQ(budget.policy, "allkeys-lru");
  const RedisOptions own = redis_options(
      "redis:maxmemory=64MiB,policy=allkeys-lfu,samples=10,binary=v", {.memory_bytes = 1000});
  EXPECT_EQ(own.maxmemory, 64u << 20);
  EXPECT_EQ(own.policy, "allkeys-lfu");
  EXPECT_EQ(own.samples, 10u);
  EXPECT_EQ(own.binary, "v");
}

TEST(RedisOptions, RunningServer) {
  EXPECT_EQ(redis_options("redis:socket=r.sock").address.text(), "unix:r.sock");
  EXPECT_EQ(redis_options("redis:host=a").address.text(), "a:6379");
  EXPECT_EQ(redis_options("redis:port=1").address.text(), "127.0.0.1:1");
  EXPECT_EQ(redis_options("redis://10.0.0.7:6380/2").address.text(), "10.0.0.7:6380");
  EXPECT_EQ(redis_options("redis://10.0.0.7:6380/2").login.database, 2u);
  EXPECT_EQ(redis_options("redis://[::1]:1").address.text(), "[::1]:1");
  EXPECT_EQ(redis_options("redis://h").address.text(), "h:6379");
  EXPECT_FALSE(redis_options("redis://h/").is_private);
  const RedisOptions login = redis_options("redis://ann:p%40%3aw@h");
  EXPECT_EQ(login.login.user, "ann");
  EXPECT_EQ(login.login.password, "p@:w");
  EXPECT_EQ(redis_options("redis://:only@h").login.user, "");
  EXPECT_EQ(redis_options("redis://:only@h").login.password, "only");
  EXPECT_EQ(redis_options("redis:host=h,user=ann,db=4").login.database, 4u);
}

TEST(RedisOptions, PasswordComesFromUrlFileOrEnvironmentInThisOrder) {
  const TemporaryDirectory directory;
  const std::string file = directory.path("p");
  std::ofstream(file) << "of the file\r\nnot this\n";
  setenv("CACHEGAUGE_REDIS_PASSWORD", "of the environment", 1);
  EXPECT_EQ(redis_options("redis:host=h").login.password, "of the environment");
  EXPECT_EQ(redis_options("redis:host=h,password-file=" + file).login.password, "of the file");
  EXPECT_EQ(redis_options("redis://u:of-the-url@h").login.password, "of-the-url");
  unsetenv("CACHEGAUGE_REDIS_PASSWORD");
}

TEST(RedisOptions, ErrorsSayWhatToDo) {
  const std::pair<const char*, const char*> kCases[] = {
      {"redis:maxmemroy=1", "did you mean maxmemory"},
      {"redis:maxmemory=64MB", "redis:maxmemory: expected a size such as 64MiB"},
      {"redis:maxmemory=1MiB,policy=lru", "allkeys-lru"},
      {"redis:policy=allkeys-lru", "give maxmemory= or --memory"},
      {"redis:samples=0", "from 1"},
      {"redis:db=1", "is for a running server"},
      {"redis:socket=a,maxmemory=1MiB", "a running one keeps its own"},
      {"redis:socket=a,transport=unix", "a running one keeps its own"},
      {"redis:transport=tpc", "did you mean tcp"},
      {"redis:socket=a,host=b", "not both"},
      {"redis:port=0", "1 to 65535"},
      {"redis:port=70000", "1 to 65535"},
      {"redis:socket=", "is empty"},
      {"redis://h:1/x", "expected a database number, got \"x\""},
      {"redis://h?db=1", "nothing but /db may follow"},
      {"redis://:1", "expected host:port"},
      {"redis://[::1", "expected \"]\""},
      {"redis:host=h,password-file=/no/such", "cannot read a line from \"/no/such\""},
  };
  for (const auto& [spec, part] : kCases) {
    const std::string text = usage_error([given = spec] { redis_options(given); });
    EXPECT_NE(text.find(part), std::string::npos) << spec << ": " << text;
  }
}

TEST(RedisOptions, ErrorsNeverHoldAPassword) {
  for (const char* spec : {"redis://u:hunter/2@h", "redis://u:hunter%zz@h", "redis://u:hunter@h:0",
                           "redis://u:hunter@h/x", "redis://u:hunter@", "redis://u:hunter?2@h"}) {
    const std::string text = usage_error([given = spec] { redis_options(given); });
    EXPECT_NE(text, "accepted") << spec;
    EXPECT_EQ(text.find("hunter"), std::string::npos) << text;
  }
}

TEST(MemcachedOptions, PrivateServer) {
  EXPECT_EQ(memcached("memcached").memory_mib, std::nullopt);
  EXPECT_FALSE(memcached("memcached").uses_libmemcached);
  const MemcachedOptions budget = memcached("memcached", {.memory_bytes = 64 << 20});
  EXPECT_EQ(budget.memory_mib, 64u);
  EXPECT_FALSE(budget.memory_was_rounded);
  const MemcachedOptions rounded =
      memcached("memcached:memory=2559KiB,threads=2,client=libmemcached");
  EXPECT_EQ(rounded.memory_mib, 2u);
  EXPECT_TRUE(rounded.memory_was_rounded);
  EXPECT_EQ(rounded.threads, 2u);
  EXPECT_TRUE(rounded.uses_libmemcached);
  EXPECT_EQ(memcached("memcached:memory=1").memory_mib, 1u);
  EXPECT_EQ(memcached("memcached:memory=1MiB").item_size_max, 512u * 1024);
  EXPECT_EQ(memcached("memcached:item-size-max=2MiB").item_size_max, 2u << 20);
}

TEST(MemcachedOptions, RunningServers) {
  EXPECT_EQ(memcached("memcached:socket=m.sock").servers.front().text(), "unix:m.sock");
  EXPECT_EQ(memcached("memcached://10.0.0.7").servers.front().text(), "10.0.0.7:11211");
  EXPECT_EQ(memcached("memcached:servers=a").servers.front().text(), "a:11211");
  EXPECT_FALSE(memcached("memcached:servers=a").uses_libmemcached);
  const MemcachedOptions pool = memcached("memcached:servers=a:1+b:2+/c.sock");
  ASSERT_EQ(pool.servers.size(), 3u);
  EXPECT_EQ(pool.servers[1].text(), "b:2");
  EXPECT_EQ(pool.servers[2].text(), "unix:/c.sock");
  EXPECT_TRUE(pool.uses_libmemcached);
}

TEST(MemcachedOptions, ErrorsSayWhatToDo) {
  const std::pair<const char*, const char*> kCases[] = {
      {"memcached:memroy=1", "did you mean memory"},
      {"memcached:client=lib", "libmemcached"},
      {"memcached:servers=a+b,client=meta", "a pool of servers needs client=libmemcached"},
      {"memcached:servers=a,memory=1MiB", "a running one keeps its own"},
      {"memcached:servers=a,transport=tcp", "a running one keeps its own"},
      {"memcached:transport=udp", "unix, tcp"},
      {"memcached:servers=a,socket=b", "give one of"},
      {"memcached:servers=a+", "expected host:port"},
      {"memcached:servers=a:x", "1 to 65535"},
      {"memcached:threads=0", "from 1"},
      {"memcached://u:p@h", "there are no users"},
  };
  for (const auto& [spec, part] : kCases) {
    const std::string text = usage_error([given = spec] { memcached(given); });
    EXPECT_NE(text.find(part), std::string::npos) << spec << ": " << text;
  }
}

}  // namespace
}  // namespace cachegauge
