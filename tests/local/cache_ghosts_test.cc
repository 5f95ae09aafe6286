// What the cache keeps of keys whose values were evicted, and how `ttl` sweeps. The ghosts are
// 2Q's: of four entries one is for A1in, two ghosts are remembered, and what comes back from them
// stays.
#include <gtest/gtest.h>

#include <string>

#include "adapters/local/cache.h"
#include "adapters/local/policies/policy_list.h"
#include "tests/local/cache_keys.h"

namespace cachegauge {
namespace {

struct Fixture : LocalCache<TwoQueuesPolicy> {
  explicit Fixture(PolicyCapacity capacity = {.limit = 4})
      : LocalCache<TwoQueuesPolicy>({capacity, kNoParams}) {}
  void fill(std::string_view letters, int64_t ttl_ns = 0) {
    for (const char& letter : letters) set(key({&letter, 1}), "v", ttl_ns, 0);
  }
  // Whether the object was put where a scan does not reach it.
  bool outlives_a_scan(std::string_view text) {
    fill("tuvwxyz");
    return get(key(text), 0).has_value();
  }
};

TEST(CacheGhosts, AreAbsentAndComeBackAsThemselves) {
  Fixture cache;
  cache.fill("abcde");  // a becomes a ghost
  EXPECT_EQ(cache.get(key("a"), 0), std::nullopt);
  EXPECT_EQ(cache.stats().items, 4u);
  EXPECT_EQ(cache.stats().payload_bytes, 8u);
  EXPECT_EQ(cache.set(key("a"), "again", 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.get(key("a"), 0), "again");
  EXPECT_TRUE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, ComeBackByAnAdd) {
  Fixture cache;
  cache.fill("abcde");
  EXPECT_EQ(cache.add(key("a"), "again", 0, 0), Outcome::kStored);
  EXPECT_TRUE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, AreNotDeletedByADelete) {
  Fixture cache;
  cache.fill("abcde");
  EXPECT_EQ(cache.erase(key("a"), 0), Outcome::kNotFound);
  cache.fill("a");
  EXPECT_TRUE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, AreNotLeftByADelete) {
  Fixture cache;
  cache.fill("abcd");
  EXPECT_EQ(cache.erase(key("a"), 0), Outcome::kDeleted);
  cache.fill("ea");
  EXPECT_FALSE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, AreNotLeftByTheExpired) {
  Fixture cache;
  cache.fill("a", 10);
  cache.fill("bcd");
  cache.set(key("e"), "v", 0, 10);  // the victim is a, and it has expired
  EXPECT_EQ(cache.stats().expirations, 1u);
  cache.set(key("a"), "v", 0, 10);
  EXPECT_EQ(cache.stats().evictions, 1u);
  for (const char& letter : std::string("tuvwxyz")) cache.set(key({&letter, 1}), "v", 0, 10);
  EXPECT_EQ(cache.get(key("a"), 10), std::nullopt);
}

TEST(CacheGhosts, StayWhenWhatWouldReplaceThemIsDeclined) {
  const uint64_t item = 2 + kItemChargeBytes;
  Fixture cache({.limit = 4 * item, .in_bytes = true});
  cache.fill("abcde");
  EXPECT_EQ(cache.set(key("a"), std::string(1000, 'v'), 0, 0), Outcome::kNotStored);
  EXPECT_EQ(cache.get(key("a"), 0), std::nullopt);
  cache.fill("a");
  EXPECT_TRUE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, TheOldestMayComeBackWhileItsPlaceIsNeeded) {
  Fixture cache;
  cache.fill("abcdef");  // the ghosts are a and b, and there is no room for a third
  cache.fill("a");       // c becomes one
  EXPECT_EQ(cache.get(key("a"), 0), "v");
  EXPECT_TRUE(cache.outlives_a_scan("a"));
}

TEST(CacheGhosts, AreToldFromKeysOfTheSameHash) {
  Fixture cache;
  cache.set({"a", 42}, "1", 0, 0);
  cache.fill("bcde");  // a becomes a ghost
  EXPECT_EQ(cache.set({"A", 42}, "2", 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.get({"A", 42}, 0), "2");
  EXPECT_EQ(cache.get({"a", 42}, 0), std::nullopt);
  cache.set({"a", 42}, "3", 0, 0);
  EXPECT_EQ(cache.get({"a", 42}, 0), "3");
  EXPECT_EQ(cache.get({"A", 42}, 0), "2");
  cache.fill("tuvwxyz");
  EXPECT_EQ(cache.get({"a", 42}, 0), "3") << "it came back";
  EXPECT_EQ(cache.get({"A", 42}, 0), std::nullopt) << "it did not";
}

TEST(CacheGhosts, TakeNoMoreMemoryThanTheirNumberAllows) {
  LocalCache<ArcPolicy> cache({{.limit = 1000}, kNoParams});
  uint64_t after_first_round = 0;
  for (int round = 0; round < 5; ++round) {
    for (int i = 0; i < 6000; ++i) {
      const std::string text = std::to_string(10'000 + i);
      if (!cache.get(key(text), 0)) cache.set(key(text), "v", 0, 0);
      if (i % 3 == 0) cache.get(key(text), 0);
    }
    if (round == 0) after_first_round = cache.stats().bytes_used;
  }
  // malloc may hand a chunk out again that is a little larger than asked for.
  EXPECT_NEAR(cache.stats().bytes_used, after_first_round, after_first_round / 100);
}

struct TtlCache : LocalCache<TtlPolicy> {
  explicit TtlCache(const Spec& spec) : LocalCache<TtlPolicy>({{.limit = 2}, spec}) {}
  void set_at(int64_t now_ns, std::string_view text, int64_t ttl_ns = 0) {
    set(key(text), "v", ttl_ns, now_ns);
  }
};
const Spec kTenNs = Spec::parse("ttl:ttl=10ns");

TEST(TtlGolden, ASetSweepsAndAGetDoesNot) {
  TtlCache cache(kTenNs);
  cache.set_at(0, "a");
  cache.set_at(5, "b");
  EXPECT_TRUE(cache.get(key("a"), 9)) << "which does not renew it";
  EXPECT_FALSE(cache.get(key("c"), 14));
  EXPECT_EQ(cache.stats().items, 2u) << "a has expired";
  cache.set_at(14, "c");  // a is swept, so there is room
  EXPECT_EQ(cache.stats().expirations, 1u);
  EXPECT_EQ(cache.stats().evictions, 0u);
  EXPECT_TRUE(cache.get(key("b"), 14));
  cache.set_at(14, "d");  // of b and c, c was used longer ago
  EXPECT_EQ(cache.stats().evictions, 1u);
  EXPECT_TRUE(cache.get(key("b"), 14));
  cache.set_at(15, "e");  // b is swept
  EXPECT_EQ(cache.stats().expirations, 2u);
  EXPECT_TRUE(cache.get(key("d"), 15));
  EXPECT_TRUE(cache.get(key("e"), 15));
}

TEST(TtlGolden, ARequestsOwnTtlPrevails) {
  TtlCache cache(kTenNs);
  cache.set_at(0, "short", 3);
  cache.set_at(0, "long", 100);
  cache.set_at(3, "c");
  EXPECT_EQ(cache.stats().expirations, 1u);
  cache.set_at(50, "d");
  EXPECT_TRUE(cache.get(key("long"), 99));
  EXPECT_FALSE(cache.get(key("long"), 100));
}

TEST(TtlGolden, ASetRenewsAndAnAddOfWhatIsThereDoesNot) {
  TtlCache cache(kTenNs);
  cache.set_at(0, "a");
  cache.set_at(0, "b");
  cache.set_at(8, "a");
  EXPECT_EQ(cache.add(key("b"), "v", 0, 8), Outcome::kNotStored);
  EXPECT_TRUE(cache.get(key("a"), 17));
  EXPECT_FALSE(cache.get(key("b"), 17));
  EXPECT_FALSE(cache.get(key("a"), 18));
}

}  // namespace
}  // namespace cachegauge
