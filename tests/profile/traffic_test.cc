#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/core/random.h"
#include "harness/profile/columns.h"
#include "harness/profile/profile.h"
#include "harness/profile/sampled_trace.h"
#include "harness/profile/tally.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Traffic profile(const InternedTrace& trace, bool has_times) {
  return profile_trace(trace, has_times, false).traffic;
}

Traffic profile_gets(const std::vector<uint64_t>& keys) {
  return profile(InternedTrace(InMemoryWorkload::gets(keys), {}, UINT64_MAX), false);
}

InternedTrace arrivals(const std::vector<int64_t>& times_ns) {
  std::vector<Request> requests;
  requests.reserve(times_ns.size());
  for (int64_t time : times_ns) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 100, 0, time));
  }
  return {InMemoryWorkload(std::move(requests)), {}, UINT64_MAX};
}

TEST(Traffic, ASmallTraceByHand) {
  // a b a c b a: distances 1 (b), 2 (a, c), 2 (c, b); gaps 2, 3, 3.
  const Traffic traffic = profile_gets({1, 2, 1, 3, 2, 1});
  EXPECT_EQ(traffic.ops[0], std::make_pair(std::string("get"), uint64_t{6}));
  ASSERT_TRUE(traffic.reuse.distance);
  EXPECT_EQ(traffic.reuse.distance->count, 3u);
  EXPECT_EQ(traffic.reuse.distance->min, 1);
  EXPECT_EQ(traffic.reuse.distance->max, 2);
  EXPECT_EQ(traffic.reuse.gap->min, 2);
  EXPECT_EQ(traffic.reuse.gap->max, 3);
  EXPECT_DOUBLE_EQ(traffic.reuse.gap->mean, 8.0 / 3);
  EXPECT_EQ(traffic.reuse.best_hit_ratio, 0.5);
  EXPECT_TRUE(traffic.reuse.exact);
  EXPECT_EQ(traffic.reuse.sample_rate, 1);
  // Two entries hit once, three hit three times; half of the best is two hits at the least.
  ASSERT_EQ(traffic.reuse.sizes.size(), 4u);
  EXPECT_EQ(traffic.reuse.sizes[0].size.objects, 3u);
  EXPECT_EQ(traffic.reuse.curve.front().objects, 2u);
  EXPECT_DOUBLE_EQ(traffic.reuse.curve.front().hit_ratio, 1.0 / 6);
  EXPECT_FALSE(traffic.rate);
  EXPECT_FALSE(traffic.reuse.time_s);
  EXPECT_EQ(traffic.windows.size(), 6u);
  EXPECT_EQ(traffic.windows[3].new_keys, 1u);
  EXPECT_EQ(traffic.popularity.hottest[0].requests, 3u);
}

TEST(Traffic, TheHottestKeysHaveTheirGets) {
  std::vector<Request> requests;
  for (uint64_t i = 0; i < 6; ++i) {
    const Op op = i < 4 ? Op::kSet : i == 4 ? Op::kAdd : Op::kDelete;
    requests.push_back(InMemoryWorkload::request(op, 1, 10, 0, 0));
  }
  for (uint64_t i = 0; i < 5; ++i) {
    requests.push_back(InMemoryWorkload::request(i == 0 ? Op::kSet : Op::kGet, 2, 10, 0, 0));
  }
  const InternedTrace trace(InMemoryWorkload(requests), {}, UINT64_MAX);
  const auto hottest = profile_trace(trace, false, false).traffic.popularity.hottest;
  ASSERT_EQ(hottest.size(), 2u);
  EXPECT_EQ(hottest[0].requests, 6u);
  EXPECT_EQ(hottest[0].gets, 0u);
  EXPECT_EQ(hottest[1].requests, 5u);
  EXPECT_EQ(hottest[1].gets, 4u);
  EXPECT_EQ(profile_gets({1, 1, 2}).popularity.hottest[0].gets, 2u);
}

TEST(Traffic, OneKeyNoRequestsOneRequest) {
  EXPECT_EQ(profile_gets({}).windows.size(), 0u);
  EXPECT_FALSE(profile_gets({}).reuse.best_hit_ratio);
  EXPECT_TRUE(profile_gets({5}).reuse.sizes.empty());
  const Traffic one_key = profile_gets(std::vector<uint64_t>(100, 7));
  EXPECT_EQ(one_key.reuse.sizes.back().size.objects, 1u);
  EXPECT_DOUBLE_EQ(one_key.reuse.sizes.back().size.hit_ratio, 0.99);
  EXPECT_FALSE(one_key.popularity.zipf);
  EXPECT_EQ(one_key.popularity.hottest[0].share, 1);
}

TEST(Traffic, WhereItWasStoppedSizesAreNotKnown) {
  const InternedTrace trace(InMemoryWorkload::gets({1, 2, 1, 3, 2, 1}), {}, UINT64_MAX);
  const Traffic traffic = profile_trace(trace, false, true).traffic;
  EXPECT_FALSE(traffic.reuse.distance);
  EXPECT_TRUE(traffic.reuse.sizes.empty());
  EXPECT_TRUE(traffic.reuse.curve.empty());
  EXPECT_EQ(traffic.reuse.best_hit_ratio, 0.5);
}

TEST(Traffic, WritesAreCountedByWhatBecomesOfThem) {
  std::vector<Request> requests;
  const auto add = [&](Op op, uint64_t key, int64_t ttl_ns = 0) {
    requests.push_back(InMemoryWorkload::request(op, key, 100, ttl_ns, 0));
  };
  add(Op::kSet, 1);
  add(Op::kSet, 1, kSecond);  // replaces what nobody read
  add(Op::kGet, 1);
  add(Op::kSet, 1, kSecond);
  add(Op::kDelete, 1);  // likewise
  add(Op::kSet, 2);
  add(Op::kAdd, 2, kSecond);
  add(Op::kGet, 2);
  add(Op::kSet, 2);
  const InternedTrace trace(InMemoryWorkload(std::move(requests)), {}, UINT64_MAX);
  const Writes writes = profile(trace, false).writes;
  EXPECT_EQ(writes.writes, 6u);
  EXPECT_EQ(writes.deletes, 1u);
  EXPECT_EQ(writes.unread, 2u);
  EXPECT_DOUBLE_EQ(writes.unread_share.value(), 0.4);
  EXPECT_DOUBLE_EQ(writes.gets_per_write.value(), 2.0 / 6);
  EXPECT_EQ(writes.stores, 6u);
  EXPECT_EQ(writes.stores_without_ttl, 3u);
}

TEST(Traffic, WithoutWritesTheGetsStore) {
  const Writes writes = profile_gets({1, 2, 3}).writes;
  EXPECT_EQ(writes.stores, 3u);
  EXPECT_EQ(writes.stores_without_ttl, 3u);
  EXPECT_FALSE(writes.gets_per_write);
  EXPECT_FALSE(writes.unread_share);
}

TEST(Traffic, WindowsHoldWhatIsAskedForInThem) {
  // Sixty seconds: key 1 each second, and a new key each ten.
  std::vector<Request> requests;
  for (int64_t s = 0; s < 60; ++s) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 50, 0, s * kSecond));
    if (s % 10 == 0) {
      const auto key = static_cast<uint64_t>(100 + s);
      requests.push_back(InMemoryWorkload::request(Op::kGet, key, 50, 0, s * kSecond));
    }
  }
  const InternedTrace trace(InMemoryWorkload(std::move(requests)), {}, UINT64_MAX);
  const Traffic traffic = profile(trace, true);
  EXPECT_TRUE(traffic.windows_by_time);
  ASSERT_EQ(traffic.windows.size(), 60u);
  uint64_t requests_in_all = 0, new_keys = 0;
  for (const ProfileWindow& window : traffic.windows) {
    requests_in_all += window.requests;
    new_keys += window.new_keys;
  }
  EXPECT_EQ(requests_in_all, 66u);
  EXPECT_EQ(new_keys, 7u);
  EXPECT_EQ(traffic.windows[0].unique_keys, 2u);
  EXPECT_EQ(traffic.windows[0].unique_bytes, 2 * 50u + 1 + 3);
  ASSERT_TRUE(traffic.reuse.time_s);
  EXPECT_DOUBLE_EQ(traffic.reuse.time_s->mean, 1);
}

TEST(Rate, IsSteadyBurstyOrUnknown) {
  std::vector<int64_t> steady, bursts;
  for (int64_t i = 0; i < 4000; ++i) {
    steady.push_back(i * kSecond / 10);
    bursts.push_back(i / 100 * (10 * kSecond));  // a hundred at once, each ten seconds
  }
  const auto even = rate_of(arrivals(steady));
  ASSERT_TRUE(even);
  EXPECT_NEAR(even->mean_rps, 10, 0.01);
  EXPECT_DOUBLE_EQ(even->interval_s, 0.5);
  EXPECT_DOUBLE_EQ(even->peak_to_mean, 1);
  EXPECT_DOUBLE_EQ(even->dispersion, 0);
  // The clock of this trace ticks each ten seconds: within that nothing is known.
  const auto coarse = rate_of(arrivals(bursts));
  EXPECT_DOUBLE_EQ(coarse->interval_s, 10);
  EXPECT_DOUBLE_EQ(coarse->dispersion, 0);
  bursts.push_back(bursts.back() + kSecond);  // and now it ticks each second
  const auto fine = rate_of(arrivals(bursts));
  EXPECT_DOUBLE_EQ(fine->interval_s, 1);
  EXPECT_DOUBLE_EQ(fine->peak_rps, 100);
  EXPECT_NEAR(fine->dispersion, 90, 1);
  EXPECT_FALSE(rate_of(arrivals({0, 0, 0})));
  EXPECT_FALSE(rate_of(arrivals({})));
}

TEST(Rate, OfPoissonArrivalsHasADispersionOfOne) {
  SplitMix64 random(11);
  std::vector<int64_t> times;
  double now = 0;
  for (int i = 0; i < 100'000; ++i) {
    now += random.exponential(1e6);
    times.push_back(static_cast<int64_t>(now));
  }
  EXPECT_NEAR(rate_of(arrivals(times))->dispersion, 1, 0.15);
}

TEST(Tally, IsAHistogram) {
  EXPECT_EQ(Tally().histogram(), Histogram());
  Tally tally;
  Histogram histogram;
  SplitMix64 random(7);
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t bits = random.below(64), times = random.below(3) + 1;
    const auto value = static_cast<int64_t>(random.next() >> bits) - 2;
    tally.record(value, times);
    histogram.record(value, times);
  }
  EXPECT_EQ(tally.histogram(), histogram);
}

TEST(SampledTrace, KeepsAllRequestsOfSomeKeys) {
  SplitMix64 random(5);
  std::vector<Request> requests;
  for (int i = 0; i < 50'000; ++i) {
    const uint64_t key = std::min(random.below(20'000), random.below(20'000));
    requests.push_back(InMemoryWorkload::request(Op::kGet, key, 10 + key % 100, 0, i));
  }
  const InternedTrace trace(InMemoryWorkload(std::move(requests)), {}, UINT64_MAX);
  const auto sampled = sample_trace(trace, 2);
  const InternedTrace& sample = sampled->trace();
  EXPECT_NEAR(sample.unique_keys(), trace.unique_keys() / 4.0, 250);
  EXPECT_NEAR(static_cast<double>(sample.summary().requests), 12'500, 800);
  EXPECT_EQ(sampled->summary().requests, 50'000u);
  const TraceSummary all = sample_trace(trace, 0)->trace().summary();
  EXPECT_EQ(all.requests, 50'000u);
  EXPECT_EQ(all.footprint_bytes, trace.summary().footprint_bytes);
  // What LRU hits is nearly that of the whole, at sizes of the whole.
  const LruSizes whole(trace, 1, 50'000, false), part(sample, 0.25, 50'000, false);
  EXPECT_NEAR(part.best_hit_ratio(), whole.best_hit_ratio(), 0.02);
  for (const SizePoint& point : whole.curve(10)) {
    if (point.objects < 50) continue;
    const auto same = part.size_of_bytes(point.bytes, false);
    ASSERT_TRUE(same);
    EXPECT_NEAR(same->hit_ratio, point.hit_ratio, 0.02) << point.objects;
  }
}

TEST(SampledTrace, SaysHowFarItsEstimatesMayBeOff) {
  SplitMix64 random(6);
  std::vector<Request> requests;
  for (int i = 0; i < 50'000; ++i) {
    const uint64_t key = std::min(random.below(20'000), random.below(20'000));
    requests.push_back(InMemoryWorkload::request(Op::kGet, key, 10, 0, i));
  }
  const InternedTrace trace(InMemoryWorkload(std::move(requests)), {}, UINT64_MAX);
  const std::vector<Spec> policies = {Spec("lru"), Spec("sieve")};
  const std::vector<CacheSize> sizes = parse_cache_sizes("2000");
  const auto estimated = sample_trace(trace, 1)->simulate(policies, sizes, {}, false);
  const auto exact = simulate_grid(trace, policies, sizes, {}, false);
  for (size_t i = 0; i < exact.size(); ++i) {
    EXPECT_EQ(estimated[i].counts.gets, exact[i].counts.gets);
    const double error = estimated[i].miss_ratio_error.value();
    EXPECT_GT(error, 0);
    EXPECT_NEAR(*miss_ratio(estimated[i].counts), *miss_ratio(exact[i].counts), 4 * error);
  }
}

TEST(SampledTrace, OnlyLongTracesOfManyKeysAreSampled) {
  EXPECT_EQ(sample_halvings(500'000, 400'000), 0u);
  EXPECT_EQ(sample_halvings(20'000'000, 1'000'000), 5u);
  EXPECT_EQ(sample_halvings(20'000'000, 40'000), 1u);
  EXPECT_EQ(sample_halvings(1'000'000'000, 1000), 0u);
}

}  // namespace
}  // namespace cachegauge
