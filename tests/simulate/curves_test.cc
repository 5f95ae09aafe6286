#include "harness/simulate/curves.h"

#include <gtest/gtest.h>

#include "tests/core/expect_error.h"
#include "tests/support/in_memory_workload.h"

namespace cachegauge {
namespace {

InternedTrace popular_low_numbers(uint64_t requests) {
  return {InMemoryWorkload::popular_low_numbers(requests, 2000), {}, UINT64_MAX};
}

TEST(Curves, ThatOfLruIsTheSameByStackAndBySimulation) {
  const InternedTrace trace = popular_low_numbers(20'000);
  for (const bool in_bytes : {false, true}) {
    const auto curves =
        miss_ratio_curves(trace, {Spec::parse("fifo"), Spec::parse("lru"), Spec::parse("clock")},
                          in_bytes, {}, false);
    ASSERT_EQ(curves.size(), 3u);
    EXPECT_EQ(curves[0].policy, "fifo");
    EXPECT_EQ(curves[0].method, "simulation");
    EXPECT_EQ(curves[1].method, "stack distances");
    EXPECT_TRUE(curves[1].exact);
    for (const CurvePoint& point : curves[1].points) {
      const CacheSize size = {
          .text = "",
          .unit = in_bytes ? CacheSize::Unit::kBytes : CacheSize::Unit::kEntries,
          .value = static_cast<double>(point.size)};
      const auto single = simulate_grid(trace, {Spec::parse("lru")}, {size}, {}, false);
      ASSERT_EQ(single[0].counts.misses, point.misses) << point.size;
    }
    // The largest size misses the first get of each key alone.
    for (const MissRatioCurve& curve : curves) {
      EXPECT_EQ(curve.gets, 20'000u);
      EXPECT_EQ(curve.points.back().misses, trace.compulsory_misses(0)) << curve.policy;
      EXPECT_GE(curve.points.size(), 20u);
    }
  }
}

TEST(Curves, WithoutFillsLruIsSimulated) {
  const InternedTrace trace = popular_low_numbers(1000);
  const auto curves =
      miss_ratio_curves(trace, {Spec::parse("lru")}, false, {.fills_misses = false}, false);
  EXPECT_EQ(curves[0].method, "simulation");
  EXPECT_EQ(curves[0].points.back().misses, 1000u);
}

// What a cache of two holds when a is asked for again has the size of the first get, and what a
// cache of one then holds that of the last: byte miss ratios have another whole at each size.
TEST(Curves, OfGetsOfAnotherSizeThanTheObjectsAreNotExact) {
  const InternedTrace trace(InMemoryWorkload({InMemoryWorkload::request(Op::kGet, 1, 100),
                                              InMemoryWorkload::request(Op::kGet, 2, 100),
                                              InMemoryWorkload::request(Op::kGet, 1, 300)}),
                            {}, UINT64_MAX);
  for (const MissRatioCurve& curve :
       miss_ratio_curves(trace, {Spec::parse("lru"), Spec::parse("fifo")}, false, {}, false)) {
    EXPECT_FALSE(curve.exact) << curve.policy;
  }
}

TEST(Curves, OfOneKeyHaveOnePoint) {
  const InternedTrace trace(InMemoryWorkload::gets({7, 7, 7}), {}, UINT64_MAX);
  const auto curves =
      miss_ratio_curves(trace, {Spec::parse("lru"), Spec::parse("arc")}, false, {}, false);
  for (const MissRatioCurve& curve : curves) {
    ASSERT_EQ(curve.points.size(), 1u) << curve.policy;
    EXPECT_EQ(curve.points[0].misses, 1u);
  }
}

TEST(Curves, ThatOfWhatKnowsTheFutureIsBelowAllOthers) {
  InternedTrace trace = popular_low_numbers(20'000);
  trace.find_next_uses();
  const auto curves = miss_ratio_curves(
      trace, {Spec::parse("belady"), Spec::parse("fifo"), Spec::parse("sieve")}, false, {}, false);
  ASSERT_EQ(curves[0].points.size(), curves[2].points.size());
  EXPECT_EQ(curves[0].points.back().misses, trace.compulsory_misses(0));
  size_t better = 0;
  for (size_t i = 0; i < curves[0].points.size(); ++i) {
    EXPECT_EQ(curves[0].points[i].size, curves[2].points[i].size);
    EXPECT_LE(curves[0].points[i].misses, curves[2].points[i].misses);
    better += curves[0].points[i].misses < curves[2].points[i].misses;
  }
  EXPECT_GE(better, 20u);
}

TEST(Curves, APolicyWithoutALimitHasNone) {
  EXPECT_ERROR(kUsage, "unbounded has no limit, so no curve",
               (check_curve_policies({Spec::parse("unbounded")}), 0));
}

}  // namespace
}  // namespace cachegauge
