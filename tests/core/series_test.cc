#include "harness/core/series.h"

#include <gtest/gtest.h>

#include <cmath>

#include "harness/core/random.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

SeriesCounts requests(uint64_t n) {
  return {.requests = n, .gets = n, .hits = n / 2, .misses = n - n / 2, .errors = 0};
}

CoarseTimes times(std::initializer_list<int64_t> values) {
  OpenTimes open;
  for (int64_t value : values) open.record(value);
  return open.take();
}

TEST(CoarseTimes, SlotsCoverEveryTimeWithinAThirtySecond) {
  for (int64_t ns = 0; ns < CoarseTimes::kHighest; ns = ns < 100'000 ? ns + 1 : ns + ns / 1009) {
    const uint32_t slot = CoarseTimes::slot_of(ns);
    ASSERT_LT(slot, CoarseTimes::kSlots);
    const auto error = std::abs(static_cast<double>(CoarseTimes::slot_midpoint(slot) - ns));
    ASSERT_LE(error, static_cast<double>(ns) / 32) << ns;
    ASSERT_LE(slot, CoarseTimes::slot_of(ns + 1));
  }
  EXPECT_EQ(CoarseTimes::slot_of(-5), 0u);
  EXPECT_EQ(CoarseTimes::slot_of(CoarseTimes::kHighest - 1), CoarseTimes::kSlots - 1);
  EXPECT_EQ(CoarseTimes::slot_of(INT64_MAX), CoarseTimes::kSlots - 1);
}

TEST(CoarseTimes, PercentilesByHand) {
  EXPECT_EQ(CoarseTimes().percentile(0.99), std::nullopt);
  EXPECT_EQ(times({7}).percentile(0.99), 7);
  OpenTimes open;
  for (int64_t i = 1; i <= 100; ++i) open.record(i <= 98 ? 10 : 31);
  const CoarseTimes taken = open.take();
  EXPECT_EQ(taken.percentile(0.98), 10);
  EXPECT_EQ(taken.percentile(0.99), 31);
  EXPECT_EQ(open.take(), CoarseTimes()) << "what was taken is gone";
}

TEST(CoarseTimes, MergingIsAsIfAllHadBeenRecordedInOne) {
  SplitMix64 random(7);
  OpenTimes one, other, both;
  for (int i = 0; i < 2000; ++i) {
    const auto value = static_cast<int64_t>(random.next() >> (random.below(40) + 21));
    (i % 3 ? one : other).record(value);
    both.record(value);
  }
  CoarseTimes merged = one.take();
  merged.merge(other.take());
  EXPECT_EQ(merged.count(), 2000u);
  EXPECT_EQ(merged, both.take());
}

TEST(Series, ABucketEndsWithTheMomentAtItsEnd) {
  Series series(100 * kMs);
  EXPECT_EQ(series.end_of(0), 100 * kMs);
  EXPECT_EQ(series.end_of(1), 100 * kMs);
  EXPECT_EQ(series.end_of(100 * kMs), 100 * kMs);
  EXPECT_EQ(series.end_of(100 * kMs + 1), 200 * kMs);
  series.at(100 * kMs).counts += requests(1);
  series.at(350 * kMs).counts += requests(2);
  ASSERT_EQ(series.buckets().size(), 4u) << "idle buckets are there, too";
  EXPECT_EQ(series.buckets()[0].counts, requests(1));
  EXPECT_EQ(series.buckets()[2].counts, requests(0));
  EXPECT_EQ(series.buckets()[3].counts, requests(2));
}

TEST(Series, AWeekFitsAndAddsUp) {
  Series series(100 * kMs);
  constexpr int64_t kWeekNs = 7 * 24 * 3600 * int64_t{1'000'000'000};
  uint64_t n = 0;
  for (int64_t t = 50 * kMs; t < kWeekNs; t += 9973 * kMs, ++n) {
    SeriesBucket& bucket = series.at(t);
    bucket.counts += requests(3);
    bucket.times.merge(times({t / 1000}));
  }
  EXPECT_EQ(series.total().requests, 3 * n);
  EXPECT_LE(series.buckets().size(), Series::kMaxBuckets);
  EXPECT_GT(series.buckets().size(), Series::kMaxBuckets / 2);
  EXPECT_EQ(series.interval_ns(), 100 * kMs << 14);
  uint64_t timed = 0;
  for (const SeriesBucket& bucket : series.buckets()) timed += bucket.times.count();
  EXPECT_EQ(timed, n);
}

TEST(Series, CoarseningKeepsTheLaterMemory) {
  Series series(kMs);
  series.at(1).memory = {.taken = true, .bytes_used = 10};
  series.at(kMs + 1).memory = {.taken = true, .bytes_used = 20};
  series.at(2 * kMs + 1).memory = {.taken = true, .bytes_used = 30};
  series.at(3 * kMs + 1);
  series.at(static_cast<int64_t>(Series::kMaxBuckets) * kMs + 1);
  EXPECT_EQ(series.interval_ns(), 2 * kMs);
  EXPECT_EQ(series.buckets()[0].memory.bytes_used, 20u);
  EXPECT_EQ(series.buckets()[1].memory.bytes_used, 30u);
}

// Threads of different lengths, over and over: nothing is lost, and the order does not matter.
TEST(Series, MergingAlignsIntervalsAndAddsUp) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    SplitMix64 random(seed);
    Series all(kMs), forwards, backwards;
    std::vector<Series> parts;
    for (int i = 0; i < 4; ++i) {
      Series part(kMs);
      const uint64_t length = uint64_t{1} << (20 + random.below(14));
      for (int j = 0; j < 300; ++j) {
        const auto t = static_cast<int64_t>(random.below(length));
        const SeriesCounts counts = requests(random.below(1000));
        part.at(t).counts += counts;
        all.at(t).counts += counts;
        part.at(t).times.merge(times({t}));
        all.at(t).times.merge(times({t}));
      }
      parts.push_back(part);
    }
    for (const Series& part : parts) forwards.merge(part);
    for (size_t i = parts.size(); i > 0; --i) backwards.merge(parts[i - 1]);
    EXPECT_EQ(forwards, all);
    EXPECT_EQ(backwards, all);
  }
}

TEST(Series, MergingSeriesOfOtherIntervalsLosesNothing) {
  Series a(3 * kMs), b(7 * kMs);
  for (int64_t i = 0; i < 100; ++i) a.at(i * kMs).counts += requests(5);
  for (int64_t i = 0; i < 200; ++i) b.at(i * kMs).counts += requests(7);
  a.merge(b);
  EXPECT_EQ(a.interval_ns(), 7 * kMs);
  EXPECT_EQ(a.total().requests, 100u * 5 + 200 * 7);
  a.merge(Series());
  EXPECT_EQ(a.total().requests, 100u * 5 + 200 * 7);
}

TEST(Series, MergingKeepsTheFirstKnownMemory) {
  Series a(kMs), b(kMs);
  a.at(1).memory = {.taken = true, .bytes_used = {}};
  b.at(1).memory = {.taken = true, .bytes_used = 5};
  a.at(kMs + 1).memory = {.taken = true, .bytes_used = 6};
  b.at(kMs + 1).memory = {.taken = true, .bytes_used = 7};
  b.at(2 * kMs + 1).memory = {.taken = true, .bytes_used = {}};
  a.merge(b);
  EXPECT_EQ(a.buckets()[0].memory.bytes_used, 5u);
  EXPECT_EQ(a.buckets()[1].memory.bytes_used, 6u);
  EXPECT_EQ(a.buckets()[2].memory, (MemorySample{.taken = true, .bytes_used = {}}));
}

TEST(SeriesPoints, ByHand) {
  Series series(100 * kMs);
  series.at(1).counts = {.requests = 50, .gets = 40, .hits = 30, .misses = 9, .errors = 1};
  series.at(1).times = times({20, 20});
  series.at(1).memory = {.taken = true, .bytes_used = 1000};
  series.at(150 * kMs);  // idle
  series.at(201 * kMs).memory = {.taken = true, .bytes_used = {}};
  series.at(301 * kMs).counts = requests(10);
  const std::vector<SeriesPoint> points = series_points(series, 350 * kMs);
  ASSERT_EQ(points.size(), 4u);
  EXPECT_DOUBLE_EQ(points[0].t_s, 0.1);
  EXPECT_DOUBLE_EQ(*points[0].throughput_rps, 500);
  EXPECT_DOUBLE_EQ(*points[0].hit_ratio, 30.0 / 39);
  EXPECT_EQ(points[0].p99_ns, 20);
  EXPECT_EQ(points[0].bytes_used, 1000u);
  EXPECT_DOUBLE_EQ(*points[1].throughput_rps, 0);
  EXPECT_EQ(points[1].hit_ratio, std::nullopt);
  EXPECT_EQ(points[1].p99_ns, std::nullopt);
  EXPECT_EQ(points[1].bytes_used, 1000u) << "the latest that is known";
  EXPECT_EQ(points[2].bytes_used, std::nullopt) << "it was asked and did not answer";
  EXPECT_EQ(points[3].bytes_used, std::nullopt);
  EXPECT_DOUBLE_EQ(points[3].t_s, 0.35) << "the last is as long as the interval measured";
  EXPECT_DOUBLE_EQ(*points[3].throughput_rps, 200);
}

TEST(SeriesPoints, ASeriesThatWasNotTakenHasNone) {
  EXPECT_TRUE(series_points(Series(), 1000).empty());
  EXPECT_EQ(Series().interval_s(), std::nullopt);
  EXPECT_EQ(Series(kMs).interval_s(), 0.001);
}

}  // namespace
}  // namespace cachegauge
