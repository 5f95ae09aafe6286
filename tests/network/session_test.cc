// What every network adapter does alike beyond what every cache does (tests/conformance), against
// real private servers.
#include <gtest/gtest.h>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

class NetworkSession : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const bool redis = GetParam().starts_with("redis");
    REQUIRE_PROGRAM(redis ? "redis-server" : "memcached");
    rig_.emplace(make_started(GetParam()));
  }
  Rig& rig() { return *rig_; }
  bool uses_memcached() const { return GetParam().starts_with("memcached"); }

  std::optional<Rig> rig_;
};

TEST_P(NetworkSession, KeepsValuesLargerThanAnyBuffer) {
  std::string large(1000 * 1000, '\0');
  for (size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31 >> 3);
  EXPECT_EQ(rig().set("large", large).outcome, Outcome::kStored);
  const std::vector<Answer> answers =
      rig().ask_all({get_of("large"), get_of("absent"), get_of("large"), get_of("large")});
  EXPECT_TRUE(answers[0].value == large);
  EXPECT_EQ(answers[1].outcome, Outcome::kMiss);
  EXPECT_TRUE(answers[2].value == large);
  EXPECT_TRUE(answers[3].value == large);
}

TEST_P(NetworkSession, ExpiresWithTheTtl) {
  const int64_t ttl_ns = rig().adapter->capabilities().ttl_granularity_ns;
  EXPECT_EQ(rig().set("brief", "v", ttl_ns).outcome, Outcome::kStored);
  EXPECT_EQ(rig().set("long", "v", 40ll * 86400 * 1'000'000'000).outcome, Outcome::kStored);
  run_for(rig().loop, uses_memcached() ? 1150 : 5);
  EXPECT_TRUE(eventually([&] { return rig().get("brief").outcome == Outcome::kMiss; }, 1000));
  EXPECT_EQ(rig().get("long").outcome, Outcome::kHit);
  EXPECT_EQ(rig().adapter->state().expirations, 1);
  EXPECT_EQ(rig().adapter->state().items, 1);
}

TEST_P(NetworkSession, StampsStartAndCompletion) {
  const int64_t before = monotonic_ns();
  const Answer answer = rig().get("k");
  const int64_t after = monotonic_ns();
  EXPECT_LE(before, answer.started_ns);
  EXPECT_LT(answer.started_ns, answer.completed_ns);
  EXPECT_LE(answer.completed_ns, after);
}

TEST_P(NetworkSession, RefusesVirtualTime) {
  VirtualScheduler scheduler;
  EXPECT_THROW(rig().adapter->open({.scheduler = scheduler}), Error);
}

TEST_P(NetworkSession, KnowsTheServer) {
  constexpr uint64_t kItems = 500;
  for (uint64_t i = 0; i < kItems; ++i) rig().set("k" + std::to_string(i), std::string(1000, 'v'));
  const AdapterState state = rig().adapter->state();
  EXPECT_EQ(state.items, kItems);
  EXPECT_EQ(state.evictions, 0);
  EXPECT_GT(*state.bytes_used, kItems * 1000);
  EXPECT_LT(*state.bytes_used, kItems * 1500);
  EXPECT_TRUE(state.rss_bytes.has_value());
  EXPECT_GT(*state.server_cpu_ns, 0);
  EXPECT_FALSE(state.payload_bytes.has_value());
  EXPECT_FALSE(rig().adapter->version().empty());
  EXPECT_FALSE(rig().adapter->shares_keyspace());
}

TEST_P(NetworkSession, RejectsWhatTheServerCannotTake) {
  const Outcome strange = uses_memcached() ? Outcome::kRejected : Outcome::kStored;
  for (const std::string& key : {std::string(), std::string(251, 'k'), std::string("a b"),
                                 std::string("a\nb"), std::string("a\x7f"), std::string(1, '\0')}) {
    EXPECT_EQ(rig().set(key, "v").outcome, strange);
  }
  // Above memcached's limit; and below it, but not with the item's header.
  EXPECT_EQ(rig().set("k", std::string((1 << 20) + 1, 'v')).outcome, strange);
  EXPECT_EQ(rig().set("k", std::string(1 << 20, 'v')).outcome, strange);
  EXPECT_EQ(rig().set("k", "v").outcome, Outcome::kStored);
  const std::vector<std::string> warnings = rig().adapter->take_warnings();
  EXPECT_EQ(any_contains(warnings, "keys of 1 to 250 bytes"), uses_memcached()) << joined(warnings);
}

INSTANTIATE_TEST_SUITE_P(Adapters, NetworkSession,
                         testing::Values("redis", "memcached", "memcached:client=libmemcached"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cachegauge
