// Pools, and what only the threaded client does.
#include <gtest/gtest.h>
#include <signal.h>

#include "harness/core/clock.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

class Libmemcached : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_PROGRAM("memcached"); }
  TemporaryDirectory directory_;
};

TEST_F(Libmemcached, SpreadsKeysOverAPoolAndSumsItsFigures) {
  const std::string a = directory_.path("a.sock");
  const uint16_t port = free_port();
  const SpawnedServer first = spawn_memcached(a);
  const SpawnedServer second = spawn_memcached_tcp(port);
  const std::string tcp = "127.0.0.1:" + std::to_string(port);
  Rig pool(make_started("memcached:servers=" + a + "+" + tcp));
  constexpr uint64_t kKeys = 200;
  for (uint64_t i = 0; i < kKeys; ++i) {
    ASSERT_EQ(pool.set("k" + std::to_string(i), "v").outcome, Outcome::kStored);
  }
  for (uint64_t i = 0; i < kKeys; ++i) {
    ASSERT_EQ(pool.get("k" + std::to_string(i)).outcome, Outcome::kHit);
  }
  EXPECT_EQ(pool.adapter->state().items, kKeys);
  Rig half(make_started("memcached:servers=" + tcp, shared_server()));
  const uint64_t on_second = *half.adapter->state().items;
  EXPECT_GT(on_second, kKeys / 5);
  EXPECT_LT(on_second, kKeys * 4 / 5);
}

// The loop goes on, commands are given up on time, and the connection comes back.
TEST_F(Libmemcached, NeverHoldsUpTheLoop) {
  const std::string socket = directory_.path("m.sock");
  SpawnedServer server = spawn_memcached(socket);
  Rig rig(make_started("memcached:client=libmemcached,socket=" + socket, timeout_of(100'000'000)));
  ASSERT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  server.signal(SIGSTOP);
  const int64_t before = monotonic_ns();
  for (const Answer& answer : rig.ask_all(std::vector<Command>(10, get_of("k")))) {
    EXPECT_EQ(answer.outcome, Outcome::kTimeout);
  }
  EXPECT_LT(monotonic_ns() - before, 500'000'000);
  server.signal(SIGCONT);
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kHit; }, 3000));
}

TEST_F(Libmemcached, ReconnectsWhenTheServerIsBack) {
  const std::string socket = directory_.path("m.sock");
  std::optional<SpawnedServer> server;
  auto spawn = [&] {
    server.emplace(std::vector<std::string>{"memcached", "-u", "root", "-s", socket},
                   Address{.socket_path = socket, .host = {}, .port = 0});
  };
  spawn();
  Rig rig(
      make_started("memcached:client=libmemcached,socket=" + socket, timeout_of(1'000'000'000)));
  ASSERT_EQ(rig.get("k").outcome, Outcome::kMiss);
  server->kill_and_wait();
  EXPECT_EQ(rig.get("k").outcome, Outcome::kError);
  EXPECT_EQ(rig.get("k").outcome, Outcome::kError);
  spawn();
  EXPECT_TRUE(eventually([&] { return rig.get("k").outcome == Outcome::kMiss; }, 5000));
  const auto warnings = rig.adapter->take_warnings();
  EXPECT_TRUE(any_contains(warnings, "back after")) << joined(warnings);
}

}  // namespace
}  // namespace cachegauge
