// The series of a cell, and what is told from it.
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "harness/core/random.h"
#include "tests/replay/cell_fixture.h"

namespace cachegauge {
namespace {

void expect_series_adds_up(const RunResult& result) {
  EXPECT_EQ(result.series.total(), series_counts(result.counters));
  for (const SeriesBucket& bucket : result.series.buckets()) {
    EXPECT_LE(bucket.counts.hits + bucket.counts.misses, bucket.counts.gets);
  }
}

std::vector<uint64_t> round_robin(uint64_t requests, uint64_t keys) {
  std::vector<uint64_t> list;
  for (uint64_t i = 0; i < requests; ++i) list.push_back(i % keys);
  return list;
}

TEST_F(CellTest, TheSeriesAddsUpToTheTotals) {
  use_origin("50ms");
  plan.driver.interval_ns = 1'000'000;
  plan.driver.warmup_requests = 777;
  const RunResult result = run(InMemoryWorkload::gets(round_robin(20'000, 500)));
  EXPECT_EQ(result.counters.gets, 19'223u);
  expect_series_adds_up(result);
  EXPECT_GT(result.series.buckets().size(), 3u) << "20,000 requests take more than 3 ms";
  // Time is real, whatever the origin's virtual 50 ms.
  const std::vector<SeriesPoint> points = series_points(result.series, result.duration_ns);
  EXPECT_DOUBLE_EQ(points.back().t_s, static_cast<double>(result.duration_ns) / 1e9);
  uint64_t timed = 0;
  for (const SeriesBucket& bucket : result.series.buckets()) timed += bucket.times.count();
  EXPECT_GT(timed, 19'223u / 32);
  EXPECT_LT(timed, 19'223u / 8) << "one request in sixteen";
}

TEST_F(CellTest, TheSeriesOfShortAndInterruptedRunsAddsUp) {
  const RunResult nine = run(InMemoryWorkload(nine_requests()));
  expect_series_adds_up(nine);
  EXPECT_EQ(nine.series.total().requests, 9u);
  EXPECT_EQ(nine.series.buckets().size(), 1u);
  uint64_t commands = 0;
  script.bend = [&](const Command&, Outcome& outcome, std::string&) {
    ++commands;
    if (commands % 7 == 0) outcome = Outcome::kError;
    if (commands == 5000) control.stop = true;
  };
  plan.driver.interval_ns = 1'000'000;
  const RunResult stopped = run(InMemoryWorkload::gets(std::vector<uint64_t>(100'000, 5)));
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_GT(stopped.counters.errors, 500u);
  expect_series_adds_up(stopped);
}

TEST_F(CellTest, TheSeriesOfSeveralThreadsAddsUp) {
  plan.driver.virtual_time = false;
  plan.driver.clients = 6;
  plan.driver.threads = 3;
  plan.driver.interval_ns = 1'000'000;
  const RunResult result = run(InMemoryWorkload::gets(round_robin(30'000, 500)));
  EXPECT_EQ(result.counters.gets, 30'000u);
  expect_series_adds_up(result);
}

TEST_F(CellTest, ADurationEndsTheSeries) {
  plan.driver.duration_ns = 20'000'000;
  plan.driver.interval_ns = 1'000'000;
  const RunResult result = run(InMemoryWorkload::gets(round_robin(2'000'000, 50)));
  expect_series_adds_up(result);
  EXPECT_GE(result.series.buckets().size(), 20u);
}

TEST_F(CellTest, AskedWhileItRunsAnInProcessCacheGivesItsMemory) {
  script.bytes_used_now = [this] { return script.stored.size() * 100; };
  plan.driver.interval_ns = 1'000'000;
  std::vector<uint64_t> keys;
  for (uint64_t i = 0; i < 20'000; ++i) keys.push_back(i);
  const RunResult result = run(InMemoryWorkload::gets(keys));
  const auto& buckets = result.series.buckets();
  std::vector<uint64_t> asked;  // an interval that ends late takes the next one's place
  for (const auto& bucket : buckets) {
    if (bucket.memory.bytes_used) asked.push_back(*bucket.memory.bytes_used);
  }
  ASSERT_GT(asked.size(), 1u);
  EXPECT_LT(asked.front(), asked.back());
  EXPECT_EQ(buckets.back().memory.bytes_used, std::nullopt) << "what state() says, and it does not";
}

TEST_F(CellTest, ACacheThatIsStillFillingIsFlaggedOnEveryRun) {
  // Each key at random: the chance that it was seen before rises with every request.
  SplitMix64 random(3);
  std::vector<uint64_t> keys(20'000);
  for (uint64_t& key : keys) key = random.below(20'000);
  const InMemoryWorkload filling = InMemoryWorkload::gets(keys);
  const RunResult first = run(filling), again = (script.stored.clear(), run(filling));
  EXPECT_EQ(first.flags, std::vector<std::string>{"still_warming"});
  EXPECT_EQ(first.hit_history, again.hit_history);
  EXPECT_EQ(first.hit_history.end(), 20'000u);
}

TEST_F(CellTest, ACacheThatWasWarmedUpIsNotFlagged) {
  SplitMix64 random(3);
  std::vector<uint64_t> keys(20'000);
  for (uint64_t& key : keys) key = random.below(500);
  plan.driver.warmup_requests = 6000;
  const RunResult result = run(InMemoryWorkload::gets(keys));
  EXPECT_TRUE(result.flags.empty());
  EXPECT_EQ(result.hit_history.begin(), 6000u);
}

}  // namespace
}  // namespace cachegauge
