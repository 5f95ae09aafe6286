#include <gtest/gtest.h>

#include "adapters/memcached/memcached_limits.h"
#include "harness/core/error.h"
#include "harness/core/placement.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

class Memcached : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_PROGRAM("memcached"); }

  std::string setting(const Adapter& adapter, std::string_view name) {
    for (const Spec::Param& param : adapter.settings()) {
      if (param.name == name) return param.value;
    }
    return "absent";
  }

  TemporaryDirectory directory_;
};

TEST(MemcachedLimits, RoundsTtlsUpAndMakesLongOnesAbsolute) {
  constexpr int64_t kSecond = 1'000'000'000;
  EXPECT_EQ(memcached_exptime(0), 0u);
  EXPECT_EQ(memcached_exptime(1), 1u);
  EXPECT_EQ(memcached_exptime(kSecond), 1u);
  EXPECT_EQ(memcached_exptime(kSecond + 1), 2u);
  EXPECT_EQ(memcached_exptime(2'592'000 * kSecond), 2'592'000u);
  const auto before = static_cast<uint64_t>(time(nullptr));
  const uint64_t absolute = memcached_exptime(2'592'001 * kSecond);
  EXPECT_GE(absolute, before + 2'592'001);
  EXPECT_LE(absolute, static_cast<uint64_t>(time(nullptr)) + 2'592'001);
}

TEST_F(Memcached, EvictsAtItsLimitAndCountsIt) {
  Rig rig(make_started("memcached:memory=2MiB,threads=2"));
  EXPECT_EQ(setting(*rig.adapter, "memory"), "2 MiB");
  EXPECT_EQ(setting(*rig.adapter, "threads"), "2");
  const std::string value(10'000, 'v');
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(rig.set("k" + std::to_string(i), value).outcome, Outcome::kStored);
  }
  const AdapterState state = rig.adapter->state();
  EXPECT_GT(*state.items, 50u);
  EXPECT_LT(*state.items, 250u);
  EXPECT_EQ(*state.evictions, 1000 - *state.items);
  EXPECT_EQ(rig.adapter->bytes_used_now(), state.bytes_used);
  EXPECT_TRUE(rig.adapter->take_warnings().empty());
}

TEST_F(Memcached, StartsAPrivateServerOnTheLoopback) {
  AdapterSettings settings;
  settings.server_cpus = {allowed_cpus().back()};
  for (const char* spec : {"memcached:transport=tcp", "memcached:transport=tcp,client=libmemcached",
                           "memcached:transport=unix"}) {
    SCOPED_TRACE(spec);
    const bool is_unix = std::string_view(spec).ends_with("unix");
    Rig rig(make_started(spec, settings));
    EXPECT_EQ(setting(*rig.adapter, "server"), "private");
    EXPECT_EQ(setting(*rig.adapter, "connection"), is_unix ? "unix socket" : "tcp");
    EXPECT_FALSE(rig.adapter->shares_keyspace());
    EXPECT_EQ(rig.adapter->server_cpus(), settings.server_cpus);
    EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
    EXPECT_EQ(rig.get("k").value, "v");
  }
}

TEST_F(Memcached, RoundsItsMemoryDownAndSaysSo) {
  const struct {
    uint64_t bytes;
    const char* memory;
    const char* item_size_max;
  } kCases[] = {{(3 << 20) + 1, "3 MiB", "1 MiB"}, {1000, "1 MiB", "512 KiB"}};
  for (const auto& c : kCases) {
    Rig rig(make_started("memcached", {.memory_bytes = c.bytes}));
    EXPECT_EQ(setting(*rig.adapter, "memory"), c.memory);
    EXPECT_EQ(setting(*rig.adapter, "item-size-max"), c.item_size_max);
    const auto warnings = rig.adapter->take_warnings();
    EXPECT_TRUE(any_contains(warnings, std::string("its memory is ") + c.memory))
        << joined(warnings);
    EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  }
}

TEST_F(Memcached, TakesLargerItemsWhenToldTo) {
  Rig rig(make_started("memcached:memory=64MiB,item-size-max=4MiB"));
  const std::string large(3 << 20, 'v');
  EXPECT_EQ(rig.set("k", large).outcome, Outcome::kStored);
  EXPECT_TRUE(rig.get("k").value == large);
}

TEST_F(Memcached, QuotesTheServerThatDoesNotStart) {
  auto adapter = make_network_adapter("memcached:memory=4MiB,item-size-max=16MiB", {});
  try {
    adapter->start();
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("Cannot set item size limit higher"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Memcached, TalksTcpToARunningServer) {
  const uint16_t port = free_port();
  const SpawnedServer server = spawn_memcached_tcp(port);
  Rig rig(make_started("memcached://127.0.0.1:" + std::to_string(port)));
  EXPECT_EQ(setting(*rig.adapter, "connection"), "tcp");
  EXPECT_TRUE(rig.adapter->shares_keyspace());
  EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  EXPECT_EQ(rig.get("k").value, "v");
  EXPECT_GT(*rig.adapter->state().server_cpu_ns, 0);
  EXPECT_FALSE(rig.adapter->state().rss_bytes.has_value());
}

TEST_F(Memcached, RefusesAServerWithForeignItems) {
  const std::string socket = directory_.path("m.sock");
  const SpawnedServer server = spawn_memcached(socket);
  Rig foreign(make_started("memcached:socket=" + socket));
  foreign.set("theirs", "v");
  try {
    make_network_adapter("memcached:socket=" + socket, {})->start();
    FAIL() << "it was used";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    EXPECT_NE(std::string(error.what()).find("holds 1 items of others"), std::string::npos);
  }
  Rig allowed(make_started("memcached:socket=" + socket, shared_server()));
  EXPECT_EQ(allowed.get("theirs").value, "v");
}

TEST_F(Memcached, RefusesAServerWithoutTheMetaProtocol) {
  REQUIRE_PROGRAM("memcached");
  ScriptedServer server(directory_.path("s.sock"), [](int fd, int) {
    const std::string question = read_bytes(fd, 4);
    if (question == "mn\r\n") write_bytes(fd, "ERROR\r\n");
    if (question == "vers") write_bytes(fd, "VERSION 1.5.6\r\n");
    std::string rest = read_bytes(fd, 5);
    if (rest == "ion\r\n") rest = read_bytes(fd, 6);
    if (rest == "stats " || rest == "stats\r") write_bytes(fd, "STAT curr_items 0\r\nEND\r\n");
    read_bytes(fd, 100);
  });
  try {
    make_network_adapter("memcached:socket=" + directory_.path("s.sock"), {})->start();
    FAIL() << "it was used";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("client=libmemcached"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace cachegauge
