#include "harness/profile/verdict.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/local/policies/policy.h"
#include "harness/core/random.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

constexpr double kUs = 1e3, kMs = 1e6;

CacheTimes cache_of(double get_ns, double set_ns) {
  CacheTimes cache;
  cache.get_ns.record(static_cast<int64_t>(get_ns));
  cache.set_ns = set_ns;
  return cache;
}

Histogram constant(double ns, uint64_t times = 100) {
  Histogram histogram;
  histogram.record(static_cast<int64_t>(ns), times);
  return histogram;
}

TEST(Economics, BreaksEvenWhereBothCostTheSame) {
  const CacheTimes cache = cache_of(500 * kUs, 700 * kUs);
  const double even = break_even_ns(cache, 0.2).value();
  EXPECT_DOUBLE_EQ(even, (500 + 0.2 * 700) / 0.8 * kUs);
  EXPECT_DOUBLE_EQ(mean_with_cache_ns(cache, 0.2, even), even);
  EXPECT_NEAR(highest_miss_ratio(cache, even), 0.2, 1e-12);
  EXPECT_FALSE(break_even_ns(cache, 1));
}

TEST(Economics, APercentileIsThatOfHitsUntilTheMissesBegin) {
  const CacheTimes cache = cache_of(100, 200);
  const Histogram origin = constant(50 * kMs);
  EXPECT_EQ(percentile_with_cache_ns(cache, 0.009, origin, 0.99), 100);
  EXPECT_EQ(percentile_with_cache_ns(cache, 0.02, origin, 0.99), 50 * kMs + 300);
  EXPECT_EQ(percentile_with_cache_ns(cache, 0, origin, 1), 100);
  // Of misses that are spread, the 99th percentile of all is the 90th of a tenth.
  Histogram spread;
  for (int64_t ms = 1; ms <= 100; ++ms) spread.record(ms);
  EXPECT_EQ(percentile_with_cache_ns(cache_of(0, 0), 0.1, spread, 0.99), 90);
}

TEST(Economics, MoneyIsMemoryAndCalls) {
  const MonthlyCost cost = monthly_cost({.gib_month = 4, .origin_call = 0.001}, 1 << 28, 10);
  EXPECT_DOUBLE_EQ(cost.memory, 1);
  EXPECT_DOUBLE_EQ(cost.origin, 26'298);
  EXPECT_DOUBLE_EQ(cost.total(), 26'299);
  EXPECT_EQ(monthly_cost({}, 1 << 28, 10).total(), 0);
}

// Every key from 0 to 99 in turn, ten times, and between any two the key 1000.
InternedTrace loop_and_a_hot_key() {
  std::vector<uint64_t> keys;
  for (int i = 0; i < 1000; ++i) {
    keys.push_back(static_cast<uint64_t>(i % 100));
    keys.push_back(1000);
  }
  return {InMemoryWorkload::gets(keys), {}, UINT64_MAX};
}

TEST(Verdict, TheSizeIsThatOfNinetyPercentOrAsAskedOrTheCheapest) {
  const InternedTrace trace = loop_and_a_hot_key();
  const LruSizes sizes(trace, 1, 2000, false);
  EXPECT_DOUBLE_EQ(sizes.best_hit_ratio(), (999.0 + 900) / 2000);
  Verdict verdict;
  choose_size(sizes, {}, false, verdict);
  EXPECT_EQ(verdict.size->objects, 101u);
  EXPECT_DOUBLE_EQ(verdict.miss_ratio, 101.0 / 2000);
  EXPECT_NEAR(verdict.break_even_factor.value(), (1 + 0.0505) / (1 - 0.0505), 1e-9);
  const uint64_t small = sizes.size_for(0.3)->bytes;
  choose_size(sizes, {.memory_bytes = small}, false, verdict);
  EXPECT_EQ(verdict.size->objects, 2u);
  EXPECT_DOUBLE_EQ(verdict.size->hit_ratio, 999.0 / 2000);
  // Memory is dear, and calls are cheap: the hot key alone is worth it. Then the other way round.
  SizeWishes wishes = {.prices = {.gib_month = 1e9, .origin_call = 1e-6}, .gets_per_second = 1};
  choose_size(sizes, wishes, false, verdict);
  EXPECT_EQ(verdict.size->objects, 2u);
  wishes.prices = {.gib_month = 1, .origin_call = 1};
  choose_size(sizes, wishes, false, verdict);
  EXPECT_EQ(verdict.size->objects, 101u);
  choose_size(sizes, {.memory_bytes = 1}, false, verdict);
  EXPECT_FALSE(verdict.size);
}

// Of s that takes 100 bytes and l that takes 1000: s s l s s. Stack distances have s twice at 100
// and thrice at 1100, as if a cache of 100 took l in; it does not, and hits s thrice.
InternedTrace small_ones_and_a_large() {
  const auto get = [](uint64_t key, uint64_t bytes) {
    return InMemoryWorkload::request(Op::kGet, key, bytes - 1 - kItemChargeBytes);
  };
  return {InMemoryWorkload({get(1, 100), get(1, 100), get(2, 1000), get(1, 100), get(1, 100)}),
          {},
          UINT64_MAX};
}

TEST(Verdict, SizesBelowTheLargestObjectAreSimulated) {
  const InternedTrace trace = small_ones_and_a_large();
  const LruSizes sizes(trace, 1, 5, false);
  EXPECT_TRUE(sizes.in_bytes());
  EXPECT_EQ(sizes.largest_object_bytes(), 1000u);
  for (const double hit_ratio : {0.1, 0.4, 0.6}) {
    const SizePoint size = sizes.size_for(hit_ratio).value();
    EXPECT_EQ(size.bytes, 100u);
    EXPECT_DOUBLE_EQ(size.hit_ratio, 0.6);
    EXPECT_EQ(size.objects, 2u);  // of one entry, l takes the place of s
  }
  EXPECT_DOUBLE_EQ(sizes.size_of_bytes(999, false).value().hit_ratio, 0.6);
  EXPECT_FALSE(sizes.size_of_bytes(99, false));
  EXPECT_FALSE(sizes.size_of_bytes(999, true));  // stopped
  ASSERT_EQ(sizes.curve(100).size(), 1u);
}

TEST(Verdict, TheSizeAndThePoliciesAreOfTheSameCache) {
  const InternedTrace trace = small_ones_and_a_large();
  const ProfiledTrace profiled = profile_trace(trace, false, false);
  EXPECT_TRUE(profiled.traffic.reuse.sizes_in_bytes);
  EXPECT_EQ(profiled.traffic.reuse.largest_object_bytes, 1000u);
  const auto lru_at = [&](uint64_t bytes) {
    Verdict verdict;
    choose_size(*profiled.sizes, {.memory_bytes = bytes}, false, verdict);
    EXPECT_TRUE(verdict.size_in_bytes);
    choose_policy(trace, profiled, 1, false, verdict);
    EXPECT_DOUBLE_EQ(verdict.policies.at(0).hit_ratio, verdict.size.value().hit_ratio);
    return verdict.size->hit_ratio;
  };
  EXPECT_DOUBLE_EQ(lru_at(100), 0.6);
  EXPECT_DOUBLE_EQ(lru_at(999), 0.6);
  EXPECT_DOUBLE_EQ(lru_at(1050), 0.4);
  EXPECT_DOUBLE_EQ(lru_at(1100), 0.6);
}

TEST(Verdict, OfASampleSizesBeginAtTheLargestObject) {
  const InternedTrace trace = small_ones_and_a_large();
  const LruSizes sizes(trace, 0.5, 10, false, nullptr, 5000);
  EXPECT_EQ(sizes.largest_object_bytes(), 5000u);
  for (const SizePoint& size : sizes.curve(100)) EXPECT_GE(size.bytes, 5000u);
}

TEST(Verdict, ThePolicyIsTheOneThatHitsMost) {
  // A loop one larger than the cache: LRU holds nothing of it in time.
  const InternedTrace trace = loop_and_a_hot_key();
  const ProfiledTrace profiled = profile_trace(trace, false, false);
  Verdict verdict;
  verdict.size = SizePoint{.objects = 60, .bytes = 0, .hit_ratio = 999.0 / 2000};
  choose_policy(trace, profiled, 1, false, verdict);
  ASSERT_EQ(verdict.policies.size(), 5u);
  EXPECT_EQ(verdict.policies[0].policy, "lru");
  EXPECT_DOUBLE_EQ(verdict.policies[0].hit_ratio, 999.0 / 2000);
  EXPECT_NE(verdict.policy, "lru");
  EXPECT_LT(verdict.miss_ratio, 0.4);
  for (const PolicyChoice& choice : verdict.policies) {
    EXPECT_LE(choice.hit_ratio, 1 - verdict.miss_ratio);
  }
}

TEST(Verdict, ACandidateIsJudgedByItsMean) {
  const InternedTrace trace = loop_and_a_hot_key();
  const LruSizes sizes(trace, 1, 2000, false);
  Verdict verdict;
  choose_size(sizes, {}, false, verdict);
  const double m = verdict.miss_ratio;
  const CacheTimes cache = cache_of(500 * kUs, 500 * kUs);
  const Histogram slow = constant(50 * kMs), fast = constant(500 * kUs);
  const Candidate good = judge(cache, verdict, sizes, &slow);
  EXPECT_DOUBLE_EQ(good.mean_ns.value(), 500 * kUs + m * 50.5 * kMs);
  EXPECT_EQ(good.p99_ns, 51 * kMs);
  EXPECT_TRUE(good.pays.value());
  // The hot key alone hits half of the time, which pays behind an origin this slow.
  EXPECT_EQ(good.smallest->objects, 2u);
  const Candidate bad = judge(cache, verdict, sizes, &fast);
  EXPECT_FALSE(bad.pays.value());
  EXPECT_FALSE(bad.smallest);
  EXPECT_DOUBLE_EQ(bad.break_even_ns.value(), 500 * kUs * (1 + m) / (1 - m));
  const Candidate unknown = judge(cache, verdict, sizes, nullptr);
  EXPECT_FALSE(unknown.pays);
  EXPECT_EQ(unknown.break_even_ns, bad.break_even_ns);
}

}  // namespace
}  // namespace cachegauge
