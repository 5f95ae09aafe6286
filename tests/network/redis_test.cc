#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/core/error.h"
#include "harness/core/placement.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

class Redis : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_PROGRAM("redis-server"); }

  std::string setting(const Adapter& adapter, std::string_view name) {
    for (const Spec::Param& param : adapter.settings()) {
      if (param.name == name) return param.value;
    }
    return "absent";
  }

  TemporaryDirectory directory_;
};

TEST_F(Redis, EvictsAtItsLimitAndCountsIt) {
  Rig rig(make_started("redis", {.memory_bytes = 4 << 20}));
  EXPECT_EQ(setting(*rig.adapter, "maxmemory"), "4 MiB");
  EXPECT_EQ(setting(*rig.adapter, "maxmemory-policy"), "allkeys-lru");
  EXPECT_TRUE(rig.adapter->capabilities().bounded);
  const std::string value(10'000, 'v');
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(rig.set("k" + std::to_string(i), value).outcome, Outcome::kStored);
  }
  const AdapterState state = rig.adapter->state();
  EXPECT_GT(*state.items, 100u);
  EXPECT_LT(*state.items, 400u);
  EXPECT_EQ(*state.evictions, 1000 - *state.items);
  EXPECT_LT(*state.bytes_used, 4u << 20);
  const auto while_it_runs = rig.adapter->bytes_used_now();
  ASSERT_TRUE(while_it_runs.has_value());
  EXPECT_NEAR(static_cast<double>(*while_it_runs), static_cast<double>(*state.bytes_used), 1 << 18);
}

TEST_F(Redis, CountsWritesThatAreOutOfMemoryAsErrors) {
  Rig rig(make_started("redis:maxmemory=2MiB,policy=noeviction"));
  const std::string value(100'000, 'v');
  Outcome last = Outcome::kStored;
  for (int i = 0; i < 50; ++i) last = rig.set("k" + std::to_string(i), value).outcome;
  EXPECT_EQ(last, Outcome::kError);
  const std::vector<std::string> warnings = rig.adapter->take_warnings();
  ASSERT_EQ(warnings.size(), 1u) << joined(warnings);
  EXPECT_TRUE(any_contains(warnings, "OOM command not allowed when used memory > 'maxmemory'"));
  EXPECT_TRUE(rig.adapter->take_warnings().empty());
}

TEST_F(Redis, SaysWhenTheLimitLeavesNoRoom) {
  Rig rig(make_started("redis:maxmemory=100KiB"));
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings, "it can hold nothing")) << joined(warnings);
}

TEST_F(Redis, RunsAnotherServerThatSpeaksItsProtocol) {
  const std::string copy = directory_.path("another-server");
  std::filesystem::copy_file("/usr/bin/redis-server", copy);
  Rig rig(make_started("redis:binary=" + copy));
  EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  EXPECT_EQ(setting(*rig.adapter, "binary"), copy);
}

TEST_F(Redis, StartsAPrivateServerOnTheLoopbackBehindAPassword) {
  Rig rig(make_started("redis:transport=tcp,maxmemory=4MiB,policy=allkeys-lfu"));
  EXPECT_EQ(setting(*rig.adapter, "server"), "private");
  EXPECT_EQ(setting(*rig.adapter, "connection"), "tcp");
  EXPECT_EQ(setting(*rig.adapter, "maxmemory"), "4 MiB");
  EXPECT_EQ(setting(*rig.adapter, "maxmemory-policy"), "allkeys-lfu");
  EXPECT_FALSE(rig.adapter->shares_keyspace());
  EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "v");
  EXPECT_EQ(*rig.adapter->state().items, 1u);
  EXPECT_TRUE(rig.adapter->take_warnings().empty());
}

TEST_F(Redis, KeepsStrangersOutOfAPrivateServerOnTheLoopback) {
  // Stands in for the server's program to see its command line.
  const std::string program = directory_.path("server"), seen = directory_.path("seen");
  std::ofstream(program) << "#!/bin/sh\necho \"$@\" >" << seen << "\nexec redis-server \"$@\"\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  const auto adapter = make_started("redis:transport=tcp,binary=" + program);
  std::ifstream file(seen);
  std::string config, bind, host, port;
  file >> config >> bind >> host >> bind >> port;
  EXPECT_EQ(config, "server.conf");
  EXPECT_EQ(host, "127.0.0.1");
  try {
    make_started("redis:port=" + port);
    ADD_FAILURE() << "a stranger was let in";
  } catch (const Error& error) {
    EXPECT_NE(std::string_view(error.what()).find("NOAUTH"), std::string_view::npos)
        << error.what();
  }
}

TEST_F(Redis, RunsItsPrivateServerOnTheCpusItIsGiven) {
  AdapterSettings settings;
  settings.server_cpus = {allowed_cpus().back()};
  for (const char* spec : {"redis", "redis:transport=tcp"}) {
    EXPECT_EQ(make_started(spec, settings)->server_cpus(), settings.server_cpus);
  }
  EXPECT_EQ(make_started("redis")->server_cpus(), allowed_cpus());
  const std::string socket = directory_.path("r.sock");
  const SpawnedServer server = spawn_redis(socket);
  EXPECT_TRUE(make_started("redis:socket=" + socket, settings)->server_cpus().empty());
}

TEST_F(Redis, TalksTcpToARunningServer) {
  const uint16_t port = free_port();
  const SpawnedServer server = spawn_redis_tcp(port);
  Rig rig(make_started("redis:port=" + std::to_string(port) + ",db=3"));
  EXPECT_EQ(setting(*rig.adapter, "connection"), "tcp");
  EXPECT_TRUE(rig.adapter->shares_keyspace());
  EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "v");
  EXPECT_EQ(rig.adapter->state().items, 1);

  Rig other(make_started("redis://127.0.0.1:" + std::to_string(port) + "/2", shared_server()));
  EXPECT_EQ(other.get("k").outcome, Outcome::kMiss) << "another database";
  EXPECT_EQ(other.adapter->state().items, 0);
}

TEST_F(Redis, RefusesAServerWithForeignKeysInAnyDatabase) {
  const std::string socket = directory_.path("r.sock");
  const SpawnedServer server = spawn_redis(socket);
  Rig foreign(make_started("redis:socket=" + socket + ",db=5"));
  foreign.set("theirs", "v");
  auto adapter = make_network_adapter("redis:socket=" + socket, {});
  try {
    adapter->start();
    FAIL() << "it was used";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("holds 1 keys of others"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("--allow-shared-server"), std::string::npos);
  }
  Rig allowed(make_started("redis:socket=" + socket, shared_server()));
  EXPECT_EQ(allowed.get("theirs").outcome, Outcome::kMiss);
  EXPECT_EQ(foreign.get("theirs").value, "v");
}

TEST_F(Redis, SaysThatItsLimitDoesNotReachARunningServer) {
  const std::string socket = directory_.path("r.sock");
  const SpawnedServer server = spawn_redis(socket);
  Rig rig(make_started("redis:socket=" + socket, {.memory_bytes = 1 << 20}));
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings,
                           "--memory 1 MiB does not reach a running server, whose "
                           "maxmemory is unlimited"))
      << joined(warnings);
}

TEST_F(Redis, LogsInOnEveryConnection) {
  const uint16_t port = free_port();
  const SpawnedServer server = spawn_redis_tcp(
      port, {"--requirepass", "s3cret/@", "--user", "ann", "on", ">pw:x", "~*", "+@all"});
  const std::string host = "127.0.0.1:" + std::to_string(port);
  const std::string at_port = "redis:port=" + std::to_string(port);

  Rig by_url(make_started("redis://:s3cret%2F%40@" + host + "/1"));
  EXPECT_EQ(by_url.set("k", "v").outcome, Outcome::kStored);
  EXPECT_EQ(by_url.remove("k").outcome, Outcome::kDeleted);
  Rig by_acl(make_started("redis://ann:pw%3ax@" + host));
  EXPECT_EQ(by_acl.get("k").outcome, Outcome::kMiss);

  const std::string file = directory_.path("password");
  std::ofstream(file) << "s3cret/@\n";
  Rig by_file(make_started(at_port + ",password-file=" + file));
  EXPECT_EQ(by_file.get("k").outcome, Outcome::kMiss);

  setenv("CACHEGAUGE_REDIS_PASSWORD", "s3cret/@", 1);
  Rig by_environment(make_started(at_port));
  unsetenv("CACHEGAUGE_REDIS_PASSWORD");
  EXPECT_EQ(by_environment.get("k").outcome, Outcome::kMiss);

  for (const std::string& spec : {at_port, "redis://:wrong@" + host}) {
    auto refused = make_network_adapter(spec, {});
    try {
      refused->start();
      FAIL() << spec;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kFailed);
      EXPECT_NE(std::string(error.what()).find("CACHEGAUGE_REDIS_PASSWORD"), std::string::npos)
          << error.what();
      EXPECT_EQ(std::string(error.what()).find(":wrong"), std::string::npos) << error.what();
    }
  }
}

TEST_F(Redis, RefusesWhatIsNoRedis) {
  ScriptedServer server(directory_.path("s.sock"), [](int fd, int) {
    read_bytes(fd, 14);
    write_bytes(fd, "HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  auto adapter = make_network_adapter("redis:socket=" + directory_.path("s.sock"), {});
  EXPECT_THROW(adapter->start(), Error);
}

TEST_F(Redis, StoresBinaryKeys) {
  Rig rig(make_started("redis"));
  const std::string key("a b\r\n\0$3", 8);
  EXPECT_EQ(rig.set(key, "v").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get(key).value, "v");
  EXPECT_EQ(rig.set("", "empty").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("").value, "empty");
  EXPECT_EQ(rig.set(std::string(100'000, 'k'), "long").outcome, Outcome::kStored);
}

}  // namespace
}  // namespace cachegauge
