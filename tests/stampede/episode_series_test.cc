// Series told by hand, in buckets of 10 ms.
#include "harness/stampede/episode_series.h"

#include <gtest/gtest.h>

#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// A request that is answered at once.
void hit(EpisodeSeries& series, int64_t at_ns) {
  series.started(at_ns, at_ns);
  series.answered(at_ns, at_ns, Served::kFresh);
}

TEST(EpisodeSeries, ReachesBackToWhatCameBeforeAnEpisodeThatNobodyKnewOf) {
  EpisodeSeries series(20 * kMs, 30 * kMs);
  hit(series, 100 * kMs);  // too early
  hit(series, 185 * kMs);
  hit(series, 195 * kMs);
  series.started(200 * kMs, 200 * kMs);
  series.begin(200 * kMs, 200 * kMs);
  series.load_began(200 * kMs);
  series.started(205 * kMs, 205 * kMs);
  series.load_began(205 * kMs);
  series.load_ended(215 * kMs);
  series.answered(200 * kMs, 215 * kMs, Served::kLoaded);
  series.load_ended(220 * kMs);
  series.answered(205 * kMs, 220 * kMs, Served::kLoaded);
  const StampedeSeries taken = series.take(225 * kMs);
  EXPECT_EQ(taken.interval_ns, 10 * kMs);
  EXPECT_EQ(taken.begins_ns, -20 * kMs);
  ASSERT_EQ(taken.buckets.size(), 5u);
  const auto& b = taken.buckets;
  EXPECT_EQ(b[0].arrivals, 1u);
  EXPECT_EQ(b[1].arrivals, 1u);
  EXPECT_EQ(b[2].arrivals, 2u);
  EXPECT_EQ(b[2].origin_calls, 2u);
  EXPECT_EQ(b[2].peak_at_origin, 2u);
  EXPECT_EQ(b[2].at_origin_ns, 15 * kMs);  // one for 5 ms, then two
  EXPECT_EQ(b[3].at_origin_ns, 15 * kMs);
  EXPECT_EQ(b[2].served[Served::kLoaded], 2u);  // by when they came
  EXPECT_EQ(b[2].times.count(), 2u);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(b[i].observed_ns, 10 * kMs) << i;
  EXPECT_EQ(b[4].observed_ns, 5 * kMs);
}

TEST(EpisodeSeries, AddsEpisodesUpAndTellsHowOftenEachBucketWasSeen) {
  EpisodeSeries series(0, 40 * kMs);
  series.begin(100 * kMs, 100 * kMs);
  hit(series, 105 * kMs);
  hit(series, 125 * kMs);
  series.begin(130 * kMs, 130 * kMs);  // before the first had run its course
  hit(series, 135 * kMs);
  const auto points = stampede_points(series.take(150 * kMs));
  ASSERT_EQ(points.size(), 3u);  // nobody saw the fourth
  EXPECT_EQ(points[0].t_ms, 0);
  EXPECT_DOUBLE_EQ(*points[0].arrivals_rps, 100);  // two in two times 10 ms
  EXPECT_DOUBLE_EQ(*points[1].arrivals_rps, 0);
  EXPECT_DOUBLE_EQ(*points[2].arrivals_rps, 100);
  EXPECT_EQ(*points[0].hit_ratio, 1);
  EXPECT_FALSE(points[1].hit_ratio.has_value());
}

TEST(EpisodeSeries, TakesWiderBucketsForALongSeries) {
  EpisodeSeries series(0, 20'000 * kMs);
  series.begin(0, 0);
  const StampedeSeries taken = series.take(kMs);
  EXPECT_EQ(taken.interval_ns, 40 * kMs);
  EXPECT_EQ(taken.buckets.size(), 500u);
  EXPECT_EQ(EpisodeSeries(0, 0).take(0).interval_ns, 0);
}

// A bucket of answers that take so long; misses wait for the origin.
StampedeBucket bucket_of(uint64_t hits, uint64_t misses, int64_t ns) {
  StampedeBucket bucket{.observed_ns = 10 * kMs};
  bucket.served[Served::kFresh] = hits;
  bucket.served[Served::kWaited] = misses;
  OpenTimes times;
  for (uint64_t i = 0; i < hits + misses; ++i) times.record(ns);
  bucket.times = times.take();
  return bucket;
}

TEST(StampedeRecovery, IsFromWhenOnFiveBucketsHold) {
  StampedeSeries series{.interval_ns = 10 * kMs, .begins_ns = -20 * kMs, .buckets = {}};
  series.buckets = {bucket_of(99, 1, kMs), bucket_of(0, 9, 9 * kMs)};  // the first is calm
  series.buckets.push_back(bucket_of(50, 50, 9 * kMs));                // from 0
  series.buckets.push_back(bucket_of(99, 1, 9 * kMs));
  series.buckets.push_back(bucket_of(97, 3, kMs));  // from 20 ms
  for (int i = 0; i < 4; ++i) series.buckets.push_back(bucket_of(99, 1, kMs + kMs / 2));
  series.buckets.push_back({});  // with nothing to tell of
  const StampedeRecovery recovery = recovery_of(series);
  EXPECT_DOUBLE_EQ(*recovery.baseline_hit_ratio, 0.99);
  EXPECT_NEAR(static_cast<double>(*recovery.baseline_p99_ns), kMs, kMs / 32);
  EXPECT_EQ(*recovery.hit_ratio_ms, 30);
  EXPECT_EQ(*recovery.p99_ms, 20);
  series.buckets.pop_back();
  EXPECT_FALSE(recovery_of(series).hit_ratio_ms.has_value());
  EXPECT_FALSE(recovery_of({}).baseline_hit_ratio.has_value());
}

}  // namespace
}  // namespace cachegauge
