#include "harness/simulate/lru_curve.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "adapters/local/policies/lru.h"
#include "harness/core/random.h"
#include "harness/simulate/simulation.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

struct CurveMix {
  uint64_t keys;
  uint64_t sets, deletes;  // percent; the others are gets
  uint64_t largest_value;  // sets change sizes, and gets ask for the latest
};

std::vector<Request> random_requests(const CurveMix& mix, uint64_t seed, int count) {
  SplitMix64 random(seed);
  std::vector<uint64_t> sizes(mix.keys);
  std::vector<Request> requests;
  for (int i = 0; i < count; ++i) {
    const uint64_t key = std::min(random.below(mix.keys), random.below(mix.keys));
    const uint64_t draw = random.below(100);
    const Op op = draw < mix.sets                 ? Op::kSet
                  : draw < mix.sets + mix.deletes ? Op::kDelete
                                                  : Op::kGet;
    if (op == Op::kSet) sizes[key] = random.below(mix.largest_value + 1);
    requests.push_back(InMemoryWorkload::request(op, key, sizes[key], 0, i));
  }
  return requests;
}

SimulationCounts simulate(const InternedTrace& trace, uint64_t size, bool in_bytes,
                          uint64_t warmup) {
  const SimulationSetup setup = {.policy = Spec::parse("lru"),
                                 .capacity = {.limit = size, .in_bytes = in_bytes},
                                 .warmup_requests = warmup};
  return Simulation<LruPolicy>(trace, setup).run(false);
}

void expect_equal_at_all_sizes(const InternedTrace& trace, bool in_bytes, uint64_t least,
                               uint64_t warmup = 0) {
  const LruCurve curve(trace, {.in_bytes = in_bytes, .warmup_requests = warmup}, false);
  EXPECT_TRUE(curve.exact());
  uint64_t hits = 0, hit_bytes = 0;
  size_t compared = 0;
  const size_t stride = std::max<size_t>(1, curve.steps() / 60);
  for (size_t step = 0; step < curve.steps(); ++step) {
    hits += curve.gained(step).gets;
    hit_bytes += curve.gained(step).bytes;
    const uint64_t size = curve.size_at(step);
    if (size == 0 || size < least || step % stride != 0) continue;
    const SimulationCounts counts = simulate(trace, size, in_bytes, warmup);
    ASSERT_EQ(hits, counts.hits) << "at size " << size;
    ASSERT_EQ(hit_bytes, counts.hit_bytes) << "at size " << size;
    ASSERT_EQ(curve.gets(), counts.gets);
    ASSERT_EQ(curve.get_bytes(), counts.get_bytes);
    ++compared;
  }
  EXPECT_GE(compared, in_bytes ? 20u : 50u);
}

constexpr CurveMix kCurveMixes[] = {
    {300, 0, 0, 0},     {300, 20, 0, 0},    {300, 20, 10, 0},   {300, 10, 30, 0},
    {300, 20, 10, 300}, {300, 40, 0, 1000}, {2000, 10, 5, 100},
};

TEST(LruCurve, EqualsASimulationOfEachSizeInEntries) {
  for (const CurveMix& mix : kCurveMixes) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const InternedTrace trace(InMemoryWorkload(random_requests(mix, seed, 6000)), {}, UINT64_MAX);
      expect_equal_at_all_sizes(trace, false, 1);
    }
  }
}

TEST(LruCurve, EqualsASimulationOfEachSizeInBytes) {
  for (const CurveMix& mix : kCurveMixes) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
      const InternedTrace trace(InMemoryWorkload(random_requests(mix, seed, 6000)), {}, UINT64_MAX);
      expect_equal_at_all_sizes(trace, true, 4 + mix.largest_value + kItemChargeBytes);
    }
  }
}

TEST(LruCurve, CountsAfterTheWarmUp) {
  const InternedTrace trace(InMemoryWorkload(random_requests(kCurveMixes[4], 1, 6000)), {},
                            UINT64_MAX);
  expect_equal_at_all_sizes(trace, false, 1, 2500);
}

// a b c a: a's depth is 3; b erased, so that a cache of 3 has room when d comes, and keeps a.
TEST(LruCurve, AHoleTakesWhatIsPushedOntoIt) {
  const auto get = [](uint64_t key) { return InMemoryWorkload::request(Op::kGet, key); };
  const InMemoryWorkload workload(
      {get(1), get(2), get(3), InMemoryWorkload::request(Op::kDelete, 2), get(4), get(1)});
  const LruCurve curve(InternedTrace(workload, {}, UINT64_MAX), {}, false);
  ASSERT_EQ(curve.steps(), 4u);
  EXPECT_EQ(curve.gained(3).gets, 1u);
}

TEST(LruCurve, PointsRiseToTheLastSize) {
  const InternedTrace trace(InMemoryWorkload(random_requests(kCurveMixes[0], 1, 6000)), {},
                            UINT64_MAX);
  const LruCurve curve(trace, {}, false);
  const std::vector<CurvePoint> points = curve.points(20);
  EXPECT_GE(points.size(), 15u);
  EXPECT_LE(points.size(), 22u);
  EXPECT_EQ(points.front().size, 1u);
  EXPECT_EQ(points.back().size, curve.size_at(curve.steps() - 1));
  EXPECT_EQ(points.back().misses, trace.compulsory_misses(0));
  for (size_t i = 1; i < points.size(); ++i) EXPECT_LT(points[i - 1].size, points[i].size);
  for (const CurvePoint& point : points) {
    EXPECT_EQ(point.misses, simulate(trace, point.size, false, 0).misses);
  }
}

TEST(LruCurve, SaysWhereItIsNotExact) {
  const auto is_exact = [](Request first, Request second) {
    return LruCurve(InternedTrace(InMemoryWorkload({first, second}), {}, UINT64_MAX), {}, false)
        .exact();
  };
  const Request get = InMemoryWorkload::request(Op::kGet, 1, 100);
  Request add = get, with_ttl = get, larger = get;
  add.op = Op::kAdd;
  with_ttl.ttl_ns = 5;
  larger.value_size_bytes = 101;
  EXPECT_TRUE(is_exact(get, get));
  for (const Request& other : {add, with_ttl, larger}) EXPECT_FALSE(is_exact(get, other));
}

// Of s that takes 100 bytes and l that takes 1000: s s l s s. A cache of 100 to 999 passes l by and
// hits s thrice; one of 1000 to 1099 holds l, not s, when s comes for the third time.
TEST(LruCurve, InBytesItBeginsWhereTheLargestObjectFits) {
  const auto get = [](uint64_t key, uint64_t bytes) {
    return InMemoryWorkload::request(Op::kGet, key, bytes - 1 - kItemChargeBytes);
  };
  const InternedTrace trace(
      InMemoryWorkload({get(1, 100), get(1, 100), get(2, 1000), get(1, 100), get(1, 100)}), {},
      UINT64_MAX);
  const LruCurve curve(trace, {.in_bytes = true}, false);
  EXPECT_TRUE(curve.exact());
  EXPECT_EQ(curve.holds_from(), 1000u);
  const std::vector<CurvePoint> points = curve.points(1000);
  ASSERT_GE(points.size(), 2u);
  EXPECT_GE(points.front().size, 1000u);
  EXPECT_LT(points.front().size, 1008u);
  EXPECT_EQ(points.front().misses, 3u);
  EXPECT_EQ(points.back().misses, 2u);
  EXPECT_EQ(simulate(trace, 999, true, 0).misses, 2u);
  for (const CurvePoint& point : points) {
    EXPECT_EQ(point.misses, simulate(trace, point.size, true, 0).misses) << point.size;
  }
  EXPECT_EQ(LruCurve(trace, {}, false).holds_from(), 1u);
}

TEST(LruCurve, OfHitsBelowTheLargestObjectHasOnePoint) {
  const InternedTrace trace(InMemoryWorkload({InMemoryWorkload::request(Op::kGet, 1, 43),
                                              InMemoryWorkload::request(Op::kGet, 1, 43),
                                              InMemoryWorkload::request(Op::kGet, 2, 943)}),
                            {}, UINT64_MAX);
  const std::vector<CurvePoint> points = LruCurve(trace, {.in_bytes = true}, false).points(20);
  ASSERT_EQ(points.size(), 1u);
  EXPECT_GE(points[0].size, 1000u);
  EXPECT_EQ(points[0].misses, 2u);
}

TEST(LruCurve, OfNothingIsEmpty) {
  const InternedTrace none(InMemoryWorkload({}), {}, UINT64_MAX);
  EXPECT_TRUE(LruCurve(none, {}, false).points(20).empty());
  const InternedTrace one(InMemoryWorkload::gets({7}), {}, UINT64_MAX);
  EXPECT_TRUE(LruCurve(one, {.in_bytes = true}, false).points(20).empty());
}

}  // namespace
}  // namespace cachegauge
