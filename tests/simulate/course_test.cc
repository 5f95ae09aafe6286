#include "harness/simulate/course.h"

#include <gtest/gtest.h>

#include <vector>

#include "adapters/local/policies/lru.h"
#include "harness/simulate/simulation.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

struct Simulated {
  SimulationCounts counts;
  std::vector<SimulationWindow> series;
};

Simulated simulate(const InternedTrace& trace, const SeriesWindow& window, uint64_t entries,
                   uint64_t warmup = 0) {
  const SimulationSetup setup = {.policy = Spec::parse("lru"),
                                 .capacity = {.limit = entries},
                                 .warmup_requests = warmup,
                                 .window = window.fit_to(trace, warmup)};
  Simulation<LruPolicy> simulation(trace, setup);
  const SimulationCounts counts = simulation.run(false);
  return {counts, simulation.series()};
}

TEST(Course, AWindowOfRequestsHasWhatASimulationUntilThenHasMore) {
  const auto workload = InMemoryWorkload::popular_low_numbers(150'000, 5000);
  const InternedTrace trace(workload, {}, UINT64_MAX);
  const Simulated run = simulate(trace, {.requests = 1000}, 500);
  ASSERT_EQ(run.series.size(), 150u);
  SimulationWindow sum;
  for (size_t i = 0; i < run.series.size(); ++i) {
    EXPECT_EQ(run.series[i].end_request, (i + 1) * 1000);
    EXPECT_EQ(run.series[i].gets, 1000u);
    sum.hits += run.series[i].hits;
    sum.evictions += run.series[i].evictions;
    if (i % 30 != 0) continue;
    const InternedTrace until(workload, {.limit = (i + 1) * 1000}, UINT64_MAX);
    EXPECT_EQ(simulate(until, {}, 500).counts.hits, sum.hits);
  }
  EXPECT_EQ(sum.hits, run.counts.hits);
  EXPECT_EQ(sum.evictions, run.counts.evictions);
}

TEST(Course, WindowsDoubleUntilThereAreNoMoreThanTheMost) {
  const InternedTrace trace(InMemoryWorkload::popular_low_numbers(150'000, 50), {}, UINT64_MAX);
  EXPECT_EQ(SeriesWindow{.requests = 293}.fit_to(trace, 0).requests, 293u);
  EXPECT_EQ(SeriesWindow{.requests = 292}.fit_to(trace, 0).requests, 584u);
  const Simulated run = simulate(trace, {.requests = 1}, 10);
  ASSERT_EQ(run.series.size(), 293u);  // of 512, the last of 496
  EXPECT_EQ(run.series[0].gets, 512u);
  EXPECT_EQ(run.series.back().gets, 496u);
  EXPECT_EQ(run.series.back().end_request, 150'000u);
}

TEST(Course, CountsAfterTheWarmUp) {
  const InternedTrace trace(InMemoryWorkload::gets({1, 1, 1, 1, 2, 2, 3, 2}), {}, UINT64_MAX);
  const Simulated run = simulate(trace, {.requests = 2}, 1, 3);
  EXPECT_EQ(run.series,
            (std::vector<SimulationWindow>{{.end_request = 5, .gets = 2, .hits = 1, .evictions = 1},
                                           {.end_request = 7, .gets = 2, .hits = 1, .evictions = 1},
                                           {.end_request = 8, .gets = 1, .evictions = 1}}));
}

InternedTrace gets_at(const std::vector<int64_t>& times) {
  std::vector<Request> requests;
  requests.reserve(times.size());
  for (const int64_t time : times) {
    requests.push_back(InMemoryWorkload::request(Op::kGet, 1, 100, 0, time));
  }
  return {InMemoryWorkload(requests), {}, UINT64_MAX};
}

TEST(Course, AWindowOfTimeMayBeEmpty) {
  const Simulated run = simulate(gets_at({0, 4, 5, 9, 9, 23}), {.ns = 5}, 1);
  EXPECT_EQ(run.series, (std::vector<SimulationWindow>{
                            {.end_request = 2, .end_ns = 5, .gets = 2, .hits = 1},
                            {.end_request = 5, .end_ns = 10, .gets = 3, .hits = 3},
                            {.end_request = 5, .end_ns = 15},
                            {.end_request = 5, .end_ns = 20},
                            {.end_request = 6, .end_ns = 25, .gets = 1, .hits = 1}}));
  EXPECT_FALSE(run.series[2].miss_ratio().has_value());
  EXPECT_EQ(run.series[0].miss_ratio(), 0.5);
}

TEST(Course, AWindowOfTimeBeginsAtAMultipleOfItsLength) {
  const Simulated run = simulate(gets_at({0, 12, 14, 16}), {.ns = 5}, 1, 1);
  EXPECT_EQ(run.series, (std::vector<SimulationWindow>{
                            {.end_request = 3, .end_ns = 15, .gets = 2, .hits = 2},
                            {.end_request = 4, .end_ns = 20, .gets = 1, .hits = 1}}));
}

TEST(Course, AGapOfAnyLengthFits) {
  const InternedTrace trace = gets_at({0, INT64_MAX / 2});
  const Simulated run = simulate(trace, {.ns = 1}, 1);
  EXPECT_LE(run.series.size(), SeriesWindow::kMost);
  EXPECT_EQ(run.series.back().hits, 1u);
}

TEST(Course, OfNothingIsEmpty) {
  const InternedTrace none(InMemoryWorkload({}), {}, UINT64_MAX);
  EXPECT_TRUE(simulate(none, {.requests = 5}, 1).series.empty());
  EXPECT_TRUE(simulate(none, {.ns = 5}, 1).series.empty());
  EXPECT_TRUE(simulate(gets_at({1, 2}), {}, 1).series.empty());
}

}  // namespace
}  // namespace cachegauge
