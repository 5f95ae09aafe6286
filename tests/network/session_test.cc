// What every network adapter does alike, against real private servers.
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

TEST_P(NetworkSession, GetsSetsAddsAndDeletes) {
  EXPECT_EQ(rig().get("k").outcome, Outcome::kMiss);
  EXPECT_EQ(rig().remove("k").outcome, Outcome::kNotFound);
  EXPECT_EQ(rig().add("k", "first").outcome, Outcome::kStored);
  EXPECT_EQ(rig().add("k", "second").outcome, Outcome::kNotStored);
  EXPECT_EQ(rig().get("k").value, "first");
  EXPECT_EQ(rig().set("k", "third").outcome, Outcome::kStored);
  const Answer hit = rig().get("k");
  EXPECT_EQ(hit.outcome, Outcome::kHit);
  EXPECT_EQ(hit.value, "third");
  EXPECT_EQ(rig().remove("k").outcome, Outcome::kDeleted);
  EXPECT_EQ(rig().get("k").outcome, Outcome::kMiss);
  EXPECT_TRUE(rig().adapter->take_warnings().empty());
}

TEST_P(NetworkSession, KeepsEmptyAndBinaryValues) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  for (const std::string& value :
       {std::string(), std::string("\r\n"), std::string("VA 3\r\nabc\r\n"), std::string(1, '\0'),
        every_byte}) {
    EXPECT_EQ(rig().set("k", value).outcome, Outcome::kStored);
    const Answer hit = rig().get("k");
    EXPECT_EQ(hit.outcome, Outcome::kHit);
    EXPECT_EQ(hit.value, value);
  }
}

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

TEST_P(NetworkSession, TakesKeysOf250Bytes) {
  const std::string key(250, 'k');
  EXPECT_EQ(rig().set(key, "v").outcome, Outcome::kStored);
  EXPECT_EQ(rig().get(key).value, "v");
  EXPECT_EQ(rig().set("k\xc3\xa9\xff", "w").outcome, Outcome::kStored);
  EXPECT_EQ(rig().get("k\xc3\xa9\xff").value, "w");
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

TEST_P(NetworkSession, AnswersAThousandCommandsOfOneSubmit) {
  constexpr size_t kCount = 1000;
  std::vector<std::string> keys;
  for (size_t i = 0; i < kCount; ++i) keys.push_back("key" + std::to_string(i));
  std::vector<Command> sets, gets;
  for (const std::string& key : keys) {
    sets.push_back(command_of(CommandKind::kSet, key, key));
    gets.push_back(get_of(key));
  }
  for (const Answer& answer : rig().ask_all(sets)) EXPECT_EQ(answer.outcome, Outcome::kStored);
  const std::vector<Answer> answers = rig().ask_all(gets);
  for (size_t i = 0; i < kCount; ++i) ASSERT_EQ(answers[i].value, keys[i]);
  EXPECT_EQ(rig().adapter->state().items, kCount);
}

TEST_P(NetworkSession, StampsStartAndCompletion) {
  const int64_t before = monotonic_ns();
  const Answer answer = rig().get("k");
  const int64_t after = monotonic_ns();
  EXPECT_LE(before, answer.started_ns);
  EXPECT_LT(answer.started_ns, answer.completed_ns);
  EXPECT_LE(answer.completed_ns, after);
}

TEST_P(NetworkSession, SharesTheServerBetweenSessions) {
  TestClient second(rig().loop);
  second.attach(rig().adapter->open(second.context()));
  for (int i = 0; i < 100; ++i) {
    const std::string key = "k" + std::to_string(i);
    rig().client.send(command_of(CommandKind::kSet, key, "a"));
    second.send(get_of("absent"));
  }
  rig().loop.run();
  second.send(get_of("k99"));
  rig().loop.run();
  EXPECT_EQ(second.answers.back().value, "a");
  EXPECT_EQ(second.answers[0].outcome, Outcome::kMiss);
  second.attach(nullptr);
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
