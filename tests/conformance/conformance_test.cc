// What every cache does alike: a row of the registry is tested here the day it appears. Servers are
// real ones, started for each test.
#include <gtest/gtest.h>

#include <cctype>

#include "adapters/adapters.h"
#include "harness/core/units.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

// Specs of every kind that was built, each to be bounded by --memory, and variants worth their own.
std::vector<std::string> all_specs() {
  std::vector<std::string> specs = {"memcached:client=libmemcached", "lru:shards=4",
                                    "tiered:l1=lru,l1.entries=100,l2=lru,invalidate=none",
                                    "tiered:l1=lru,l1.entries=100,l2=redis,invalidate=pubsub"};
  for (const AdapterKind& kind : adapter_kinds()) {
    if (!kind.make || kind.name == "null" || kind.name == "tiered") {
      continue;  // null keeps nothing, and tiered has no bare name
    }
    specs.push_back(kind.name == "plugin" ? "plugin:path=" PLUGINS
                                            "/direct_mapped.so,entries=1000003"
                                          : std::string(kind.name));
  }
  return specs;
}

std::string needed_program(const std::string& spec) {
  if (spec.find("redis") != std::string::npos) return "redis-server";
  if (spec.starts_with("memcached")) return "memcached";
  return "true";
}

class Conformance : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    REQUIRE_PROGRAM(needed_program(GetParam()));
    start(64 * kMiB);
  }
  void start(uint64_t memory_bytes) {
    rig_.reset();
    AdapterSettings settings;
    settings.memory_bytes = memory_bytes;
    auto adapter = make_adapter(Spec::parse(GetParam()), settings);
    adapter->start();
    rig_.emplace(std::move(adapter));
  }
  Rig& rig() { return *rig_; }
  bool is(std::string_view kind) const { return Spec::parse(GetParam()).kind() == kind; }

  // Stored and read back byte for byte, or refused with nothing done.
  void expect_kept_or_rejected(const std::string& key, const std::string& value) {
    const Outcome outcome = rig().set(key, value).outcome;
    const Answer got = rig().get(key);
    if (outcome == Outcome::kStored) {
      EXPECT_EQ(got.outcome, Outcome::kHit) << key.size() << "-byte key";
      EXPECT_TRUE(got.value == value) << key.size() << "-byte key";
    } else {
      EXPECT_EQ(outcome, Outcome::kRejected) << key.size() << "-byte key";
      EXPECT_NE(got.outcome, Outcome::kHit) << key.size() << "-byte key";
    }
  }

 private:
  std::optional<Rig> rig_;
};

TEST_P(Conformance, GetsSetsAddsAndDeletes) {
  EXPECT_EQ(rig().get("k").outcome, Outcome::kMiss);
  EXPECT_EQ(rig().remove("k").outcome, Outcome::kNotFound);
  EXPECT_EQ(rig().add("k", "first").outcome, Outcome::kStored);
  EXPECT_EQ(rig().add("k", "second").outcome, Outcome::kNotStored);
  EXPECT_EQ(rig().get("k").value, "first");
  EXPECT_EQ(rig().set("k", "third, and longer").outcome, Outcome::kStored);
  EXPECT_EQ(rig().get("k").value, "third, and longer");
  EXPECT_EQ(rig().set("k", "4").outcome, Outcome::kStored);
  EXPECT_EQ(rig().get("k").value, "4");
  EXPECT_EQ(rig().remove("k").outcome, Outcome::kDeleted);
  EXPECT_EQ(rig().get("k").outcome, Outcome::kMiss);
  EXPECT_TRUE(rig().adapter->take_warnings().empty());
}

bool has(const Adapter& adapter, CommandKind kind) {
  return adapter.capabilities().commands & command_bit(kind);
}

TEST_P(Conformance, DeletesOnConditionOrRejectsIt) {
  EXPECT_EQ(rig().set("k", "mine").outcome, Outcome::kStored);
  const auto release = [&](std::string_view value) {
    return rig().ask(command_of(CommandKind::kCompareAndDelete, "k", value)).outcome;
  };
  if (!has(*rig().adapter, CommandKind::kCompareAndDelete)) {
    EXPECT_EQ(release("mine"), Outcome::kRejected);
    return;
  }
  EXPECT_EQ(release("another's"), Outcome::kNotFound);
  EXPECT_EQ(rig().get("k").value, "mine");
  EXPECT_EQ(release("mine"), Outcome::kDeleted);
  EXPECT_EQ(release("mine"), Outcome::kNotFound);
  EXPECT_EQ(rig().get("k").outcome, Outcome::kMiss);
}

constexpr int64_t kHourNs = int64_t{3600} * 1'000'000'000;

// A value with less than `stale_ns` left is stale.
Command lease_of(std::string_view key, uint64_t token, int64_t stale_ns = 0) {
  Command command = command_of(CommandKind::kLease, key, {}, kHourNs);
  command.lease = token;
  command.stale_ns = stale_ns;
  return command;
}
Command under(uint64_t lease, Command command) {
  command.lease = lease;
  return command;
}

TEST_P(Conformance, GrantsALeaseOnceOrRejectsIt) {
  if (!has(*rig().adapter, CommandKind::kLease)) {
    EXPECT_EQ(rig().ask(lease_of("k", 71)).outcome, Outcome::kRejected);
    return;
  }
  const Answer granted = rig().ask(lease_of("k", 71));
  EXPECT_EQ(granted.outcome, Outcome::kLeaseGranted);
  EXPECT_EQ(granted.value, "");
  EXPECT_NE(granted.lease, 0u);
  const Answer busy = rig().ask(lease_of("k", 72));
  EXPECT_EQ(busy.outcome, Outcome::kMiss);
  EXPECT_EQ(busy.value, "");
  EXPECT_EQ(rig().ask(lease_of("another", 73)).outcome, Outcome::kLeaseGranted);
  const Command fill = under(granted.lease, command_of(CommandKind::kSet, "k", "new", kHourNs));
  EXPECT_EQ(rig().ask(fill).outcome, Outcome::kStored);
  const Answer hit = rig().ask(lease_of("k", 74));
  EXPECT_EQ(hit.outcome, Outcome::kHit);
  EXPECT_EQ(hit.value, "new");
  // The lease has ended with the fill.
  rig().remove("k");
  EXPECT_EQ(rig().ask(lease_of("k", 75)).outcome, Outcome::kLeaseGranted);
  EXPECT_EQ(rig().ask(fill).outcome, Outcome::kNotStored);
}

TEST_P(Conformance, RefusesAFillWhoseLeaseIsNotHeldAnyMore) {
  if (!has(*rig().adapter, CommandKind::kLease)) return;
  const auto fill = [](uint64_t lease, std::string_view value) {
    return under(lease, command_of(CommandKind::kSet, "k", value, kHourNs));
  };
  const uint64_t first = rig().ask(lease_of("k", 71)).lease;
  // A write takes it back.
  EXPECT_EQ(rig().ask(fill(kAnyLease, "written")).outcome, Outcome::kStored);
  EXPECT_EQ(rig().ask(fill(first, "late")).outcome, Outcome::kNotStored);
  EXPECT_EQ(rig().ask(lease_of("k", 72)).value, "written");
  // So does a delete, and another is granted.
  EXPECT_EQ(rig().ask(under(kAnyLease, command_of(CommandKind::kDelete, "k"))).outcome,
            Outcome::kDeleted);
  const uint64_t second = rig().ask(lease_of("k", 73)).lease;
  EXPECT_NE(second, first);
  EXPECT_EQ(rig().ask(fill(first, "late")).outcome, Outcome::kNotStored);
  // Who gives it up lets the next one have it, once.
  const Command give_up = under(second, command_of(CommandKind::kDelete, "k"));
  EXPECT_EQ(rig().ask(give_up).outcome, Outcome::kDeleted);
  EXPECT_EQ(rig().ask(give_up).outcome, Outcome::kNotFound);
  EXPECT_EQ(rig().ask(fill(second, "late")).outcome, Outcome::kNotStored);
  const Answer third = rig().ask(lease_of("k", 74));
  EXPECT_EQ(third.outcome, Outcome::kLeaseGranted);
  EXPECT_EQ(rig().ask(fill(third.lease, "new")).outcome, Outcome::kStored);
  EXPECT_EQ(rig().ask(lease_of("k", 75)).value, "new");
}

TEST_P(Conformance, ServesAStaleValueWhileItsLeaseIsHeld) {
  if (!has(*rig().adapter, CommandKind::kLease)) return;
  EXPECT_EQ(rig().set("k", "old", kHourNs).outcome, Outcome::kStored);
  EXPECT_EQ(rig().set("lasting", "old").outcome, Outcome::kStored);
  // A value without a TTL is never stale; to the policy `ttl` it has one of an hour.
  EXPECT_EQ(rig().ask(lease_of("lasting", 70, kHourNs / 2)).outcome, Outcome::kHit);
  EXPECT_EQ(rig().ask(lease_of("k", 71, kHourNs / 2)).outcome, Outcome::kHit);
  const Answer granted = rig().ask(lease_of("k", 72, 2 * kHourNs));
  EXPECT_EQ(granted.outcome, Outcome::kLeaseGranted);
  EXPECT_EQ(granted.value, "old");
  const Answer busy = rig().ask(lease_of("k", 73, 2 * kHourNs));
  EXPECT_EQ(busy.outcome, Outcome::kMiss);
  EXPECT_EQ(busy.value, "old");
  // Given up, it is granted again, and the value is still there.
  EXPECT_EQ(rig().ask(under(granted.lease, command_of(CommandKind::kDelete, "k"))).outcome,
            Outcome::kDeleted);
  const Answer again = rig().ask(lease_of("k", 74, 2 * kHourNs));
  EXPECT_EQ(again.outcome, Outcome::kLeaseGranted);
  EXPECT_EQ(again.value, "old");
  EXPECT_EQ(
      rig().ask(under(again.lease, command_of(CommandKind::kSet, "k", "new", 4 * kHourNs))).outcome,
      Outcome::kStored);
  const Answer hit = rig().ask(lease_of("k", 75, 2 * kHourNs));
  EXPECT_EQ(hit.outcome, Outcome::kHit);
  EXPECT_EQ(hit.value, "new");
}

TEST_P(Conformance, KeepsEmptyAndBinaryValues) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte += static_cast<char>(i);
  for (const std::string& value : {std::string(), std::string(1, '\0'), std::string("\r\n"),
                                   every_byte, std::string(1000 * 1000, '\xff')}) {
    EXPECT_EQ(rig().set("k", value).outcome, Outcome::kStored);
    const Answer hit = rig().get("k");
    EXPECT_EQ(hit.outcome, Outcome::kHit);
    EXPECT_TRUE(hit.value == value) << value.size() << " bytes";
  }
}

TEST_P(Conformance, KeepsKeysApart) {
  const std::vector<std::string> keys = {
      "k", "kk", "K", std::string(250, 'k'), std::string(249, 'k') + "K", "k\xc3\xa9\xff"};
  for (const std::string& key : keys) EXPECT_EQ(rig().set(key, key).outcome, Outcome::kStored);
  for (const std::string& key : keys) EXPECT_EQ(rig().get(key).value, key);
}

TEST_P(Conformance, KeepsOddKeysOrRejectsThem) {
  for (const std::string& key :
       {std::string(), std::string(251, 'k'), std::string(512, 'l'), std::string(70'000, 'm'),
        std::string("a b"), std::string("a\nb"), std::string("\0k", 2), std::string(1, '\0')}) {
    expect_kept_or_rejected(key, "v");
  }
}

TEST_P(Conformance, ExpiresWithTheTtl) {
  const int64_t ttl_ns =
      std::max<int64_t>(rig().adapter->capabilities().ttl_granularity_ns, 20'000'000);
  EXPECT_EQ(rig().set("brief", "v", ttl_ns).outcome, Outcome::kStored);
  EXPECT_EQ(rig().set("long", "v", 3600ll * 1'000'000'000).outcome, Outcome::kStored);
  EXPECT_EQ(rig().set("forever", "v").outcome, Outcome::kStored);
  run_for(rig().loop, static_cast<int>(ttl_ns / 1'000'000) + 150);
  EXPECT_TRUE(eventually([&] { return rig().get("brief").outcome == Outcome::kMiss; }, 1500));
  EXPECT_EQ(rig().get("long").outcome, Outcome::kHit);
  EXPECT_EQ(rig().get("forever").outcome, Outcome::kHit);
}

TEST_P(Conformance, AnswersAThousandCommandsOfOneSubmit) {
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
  for (size_t i = 0; i < kCount; ++i) {
    // A direct-mapped cache has one place for two keys now and then.
    if (answers[i].outcome == Outcome::kMiss && is("plugin")) continue;
    ASSERT_EQ(answers[i].value, keys[i]);
  }
}

TEST_P(Conformance, TwoClientsSeeOneCache) {
  TestClient second(rig().loop);
  second.completes_at_once = rig().client.completes_at_once;
  second.attach(rig().adapter->open(second.context()));
  for (int i = 0; i < 100; ++i) {
    rig().client.send(command_of(CommandKind::kSet, "k" + std::to_string(i), "a"));
    second.send(get_of("absent"));
  }
  rig().loop.run();
  second.send(get_of("k99"));
  rig().loop.run();
  EXPECT_EQ(second.answers.back().value, "a");
  EXPECT_EQ(second.answers[0].outcome, Outcome::kMiss);
  second.attach(nullptr);
}

TEST_P(Conformance, CountsWhatItHolds) {
  constexpr uint64_t kItems = 500, kValueBytes = 1000;
  uint64_t payload_bytes = 0;
  for (int round = 0; round < 2; ++round) {  // the second overwrites
    payload_bytes = 0;
    for (uint64_t i = 0; i < kItems; ++i) {
      const std::string key = "k" + std::to_string(i);
      EXPECT_EQ(rig().set(key, std::string(kValueBytes, 'v')).outcome, Outcome::kStored);
      payload_bytes += key.size() + kValueBytes;
    }
  }
  const AdapterState state = rig().adapter->state();
  ASSERT_TRUE(state.items);
  if (!is("plugin")) {
    EXPECT_EQ(*state.items, kItems);
  }
  EXPECT_FALSE(state.memory_source.empty());
  if (state.payload_bytes && !is("plugin")) {
    EXPECT_EQ(*state.payload_bytes, payload_bytes);
  }
  if (state.bytes_used) {
    EXPECT_GT(*state.bytes_used, payload_bytes * 9 / 10);
  }
  if (state.evictions && !is("plugin")) {
    EXPECT_EQ(*state.evictions, 0u);
  }
}

TEST_P(Conformance, HoldsToItsMemory) {
  if (!rig().adapter->capabilities().bounded) GTEST_SKIP() << GetParam() << " has no bound";
  if (is("plugin")) GTEST_SKIP() << "this one is bounded in entries";
  constexpr uint64_t kMemory = 4 * kMiB, kValueBytes = 2000;
  start(kMemory);
  uint64_t stored = 0;
  for (uint64_t i = 0; i < 4 * kMemory / kValueBytes; ++i) {
    const Outcome outcome =
        rig().set("k" + std::to_string(i), std::string(kValueBytes, 'v')).outcome;
    EXPECT_TRUE(outcome == Outcome::kStored || outcome == Outcome::kNotStored);
    stored += outcome == Outcome::kStored;
  }
  const AdapterState state = rig().adapter->state();
  ASSERT_TRUE(state.items);
  EXPECT_LE(*state.items * kValueBytes, kMemory);
  EXPECT_GE(*state.items * kValueBytes, kMemory / 4) << "and makes use of it";
  if (state.evictions) {
    EXPECT_EQ(*state.evictions + *state.items, stored);
  }
}

INSTANTIATE_TEST_SUITE_P(Adapters, Conformance, testing::ValuesIn(all_specs()),
                         [](const auto& test) {
                           std::string name = test.param.substr(0, test.param.find("path="));
                           for (char& c : name) c = std::isalnum(c) ? c : '_';
                           return name;
                         });

}  // namespace
}  // namespace cachegauge
