// Which items go when a disk is full, and that its capacity holds.
#include "tests/disk/support.h"

namespace cachegauge {
namespace {

constexpr uint64_t kCapacity = 256 * 1024;
constexpr size_t kValueBytes = 900;

std::string key_of(int i) { return "key" + std::to_string(1000 + i); }

class Eviction : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { REQUIRE_ENGINE(GetParam()); }
  static std::string spec(const std::string& policy) {
    return std::string(GetParam()) + ":capacity=256KiB,policy=" + policy;
  }
  // Sets items until `evictions` of them had to go.
  static int fill(Rig& rig, int first, uint64_t evictions) {
    int i = first;
    while (*rig.adapter->state().evictions < evictions) {
      EXPECT_EQ(rig.set(key_of(i++), std::string(kValueBytes, 'v')).outcome, Outcome::kStored);
      EXPECT_LE(*rig.adapter->bytes_used_now(), kCapacity + 4 * 4096);
      if (i > first + 2000) {
        ADD_FAILURE() << "nothing was evicted";
        break;
      }
    }
    return i;
  }
};

TEST_P(Eviction, LeastRecentlyStoredGoesFirst) {
  Rig rig(start_disk(spec("lrs")));
  rig.set("hot", "v");
  for (int i = 0; i < 50; ++i) {
    rig.set(key_of(i), std::string(kValueBytes, 'v'));
    rig.get("hot");
  }
  rig.set(key_of(0), "stored again");
  const int next = fill(rig, 50, 20);
  const AdapterState state = rig.adapter->state();
  EXPECT_EQ(*state.items + *state.evictions, static_cast<uint64_t>(next) + 1);
  EXPECT_EQ(rig.get("hot").outcome, Outcome::kMiss);  // reads do not count
  EXPECT_EQ(rig.get(key_of(1)).outcome, Outcome::kMiss);
  EXPECT_EQ(rig.get(key_of(0)).outcome, Outcome::kHit);
  EXPECT_EQ(rig.get(key_of(next - 1)).outcome, Outcome::kHit);
}

TEST_P(Eviction, LeastRecentlyUsedGoesFirst) {
  Rig rig(start_disk(spec("lru")));
  for (int i = 0; i < 50; ++i) rig.set(key_of(i), std::string(kValueBytes, 'v'));
  for (int i = 0; i < 5; ++i) rig.get(key_of(i));
  fill(rig, 50, 20);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rig.get(key_of(i)).outcome, Outcome::kHit) << i;
  for (int i = 5; i < 20; ++i) EXPECT_EQ(rig.get(key_of(i)).outcome, Outcome::kMiss) << i;
}

// More uses than a client collects before it writes them, too.
TEST_P(Eviction, UsesAreCountedAcrossBatches) {
  Rig rig(start_disk(spec("lru")));
  for (int i = 0; i < 50; ++i) rig.set(key_of(i), std::string(kValueBytes, 'v'));
  rig.get(key_of(0));
  for (int i = 0; i < 600; ++i) rig.get(key_of(49 - i % 10));
  fill(rig, 50, 10);
  EXPECT_EQ(rig.get(key_of(0)).outcome, Outcome::kHit);
  EXPECT_EQ(rig.get(key_of(1)).outcome, Outcome::kMiss);
}

// Threads of one process see each other's uses when these are written, at a close at the latest.
TEST_P(Eviction, ASessionThatEndsLeavesItsUses) {
  Rig rig(start_disk(spec("lru")));
  for (int i = 0; i < 50; ++i) rig.set(key_of(i), std::string(kValueBytes, 'v'));
  {
    TestClient other(rig.loop);
    other.attach(rig.adapter->open(other.context()));
    other.send(get_of(key_of(0)));
    rig.loop.run();
  }
  fill(rig, 50, 10);
  EXPECT_EQ(rig.get(key_of(0)).outcome, Outcome::kHit);
}

TEST_P(Eviction, ExpiredItemsGoBeforeAllOthers) {
  Rig rig(start_disk(spec("lrs")));
  rig.set("first", "v");
  // Stored, and expired, in one transaction: it does not yet clear them.
  std::vector<Command> commands;
  const std::string value(kValueBytes, 'v');
  std::vector<std::string> keys(40);
  for (int i = 0; i < 40; ++i) keys[static_cast<size_t>(i)] = key_of(i);
  commands.reserve(keys.size());
  for (const std::string& key : keys) {
    commands.push_back(command_of(CommandKind::kSet, key, value, 1));
  }
  rig.ask_all(commands);
  rig.set("last", "v");
  const AdapterState state = rig.adapter->state();
  EXPECT_EQ(state.expirations, 40u);
  EXPECT_EQ(state.evictions, 0u);
  EXPECT_EQ(state.items, 2u);
}

TEST_P(Eviction, LargeValuesCountInFull) {
  Rig rig(start_disk(std::string(GetParam()) + ":capacity=2MiB"));
  for (int i = 0; i < 40; ++i) {
    ASSERT_EQ(rig.set(key_of(i), std::string(200'000, 'v')).outcome, Outcome::kStored);
    ASSERT_LE(*rig.adapter->state().bytes_used, 2u << 20);
  }
  EXPECT_GE(*rig.adapter->state().items, 8u);
  EXPECT_EQ(rig.get(key_of(39)).outcome, Outcome::kHit);
}

TEST_P(Eviction, AnItemAboveHalfOfTheCapacityIsRejected) {
  Rig rig(start_disk(std::string(GetParam()) + ":capacity=256KiB"));
  rig.set("k", "v");
  EXPECT_EQ(rig.set("k", std::string(200'000, 'v')).outcome, Outcome::kRejected);
  EXPECT_EQ(rig.get("k").value, "v");
}

INSTANTIATE_TEST_SUITE_P(Disk, Eviction, testing::Values("sqlite", "lmdb"),
                         [](const auto& test) { return std::string(test.param); });

// By tables, each an eighth of the capacity.
TEST(RocksdbEviction, TheOldestTablesGoFirst) {
  REQUIRE_ENGINE("rocksdb");
  Rig rig(start_disk("rocksdb:capacity=1MiB"));
  const std::string value(kValueBytes, 'v');
  for (int i = 0; i < 4000; ++i) ASSERT_EQ(rig.set(key_of(i), value).outcome, Outcome::kStored);
  EXPECT_TRUE(eventually([&] { return *rig.adapter->bytes_used_now() <= 1u << 20; }));
  EXPECT_EQ(rig.get(key_of(0)).outcome, Outcome::kMiss);
  EXPECT_EQ(rig.get(key_of(3999)).value, value);
  EXPECT_EQ(rig.set("k", std::string(140'000, 'v')).outcome, Outcome::kRejected);
}

TEST(SqliteEviction, LeastFrequentlyUsedGoesFirst) {
  REQUIRE_ENGINE("sqlite");
  Rig rig(start_disk("sqlite:capacity=256KiB,policy=lfu"));
  const std::string value(kValueBytes, 'v');
  for (int i = 0; i < 50; ++i) rig.set(key_of(i), value);
  for (int i = 0; i < 5; ++i) {
    rig.get(key_of(i));
    rig.get(key_of(i));
  }
  rig.set(key_of(5), value);  // a use as well
  for (int i = 6; i < 400; ++i) {
    rig.set(key_of(i + 100), value);
    rig.get(key_of(i + 100));
  }
  for (int i = 0; i < 5; ++i) EXPECT_EQ(rig.get(key_of(i)).outcome, Outcome::kHit) << i;
  EXPECT_EQ(rig.get(key_of(6)).outcome, Outcome::kMiss);
}

}  // namespace
}  // namespace cachegauge
