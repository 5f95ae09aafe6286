#include "harness/simulate/fixed_size_sample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "harness/simulate/lru_curve.h"
#include "tests/simulate/zipf_requests.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

TEST(FixedSizeSample, ThatHoldsAllKeysIsExact) {
  const InMemoryWorkload workload(zipf_requests(20'000, 250, 10));
  const InternedTrace trace(workload, {}, UINT64_MAX);
  for (const bool in_bytes : {false, true}) {
    const FixedSizeSample sample(
        workload, {}, {.most_keys = 2400, .in_bytes = in_bytes, .warmup_requests = 100}, false);
    const LruCurve exact(trace, {.in_bytes = in_bytes, .warmup_requests = 100}, false);
    const MissRatioCurve& curve = sample.curve();
    EXPECT_EQ(curve.gets, exact.gets());
    EXPECT_GE(curve.points.size(), 60u);
    // Above 256 both count in buckets.
    const auto expected = exact.points_at(curve.points, 1);
    for (size_t i = 0; i < curve.points.size(); ++i) {
      EXPECT_EQ(curve.points[i].misses, expected[i].misses) << curve.points[i].size;
      EXPECT_EQ(curve.points[i].miss_ratio_error, 0.0);
    }
    EXPECT_EQ(sample.facts().rate, 1.0);
    EXPECT_EQ(sample.facts().requests, 20'000u);
    EXPECT_EQ(sample.summary().unique_keys, trace.unique_keys());
    EXPECT_EQ(sample.summary().footprint_bytes, trace.summary().footprint_bytes);
    EXPECT_EQ(sample.summary().fingerprint, trace.summary().fingerprint);
    EXPECT_EQ(sample.compulsory_misses(), trace.compulsory_misses(100));
  }
}

TEST(FixedSizeSample, ExpiresWhatTheCurveExpires) {
  std::vector<Request> requests = zipf_requests(20'000, 250);
  for (size_t i = 0; i < requests.size(); ++i) {
    requests[i].time_ns = static_cast<int64_t>(i);
    requests[i].ttl_ns = i % 3 == 0 ? 500 : 0;
  }
  const InMemoryWorkload workload(requests);
  const FixedSizeSample sample(workload, {}, {.most_keys = 2400}, false);
  const LruCurve curve(InternedTrace(workload, {}, UINT64_MAX), {}, false);
  const auto expected = curve.points_at(sample.curve().points, 1);
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(sample.curve().points[i].misses, expected[i].misses);
  }
}

TEST(FixedSizeSample, HoldsNoMoreKeysThanItMayAndErrsAsItSays) {
  const InMemoryWorkload workload(
      zipf_requests(kSanitized ? 60'000 : 200'000, kSanitized ? 30'000 : 100'000));
  const InternedTrace trace(workload, {}, UINT64_MAX);
  const LruCurve exact(trace, {}, false);
  constexpr uint64_t kSizes[] = {1000, 4000, 16'000};
  double squares = 0;
  int compared = 0, beyond = 0;
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    const FixedSizeSample sample(workload, {}, {.most_keys = 4000, .seed = seed}, false);
    EXPECT_EQ(sample.facts().unique_keys, 4000u);
    EXPECT_NEAR(sample.facts().rate, 4000.0 / trace.unique_keys(), 0.2 * sample.facts().rate);
    const auto gets = static_cast<double>(sample.curve().gets);
    const auto truth = exact.points_at(sample.curve().points, 1);
    for (const uint64_t size : kSizes) {
      size_t i = 0;
      while (i + 1 < truth.size() && truth[i].size < size) ++i;
      const CurvePoint& point = sample.curve().points[i];
      const double off = (static_cast<double>(point.misses) - static_cast<double>(truth[i].misses));
      const double errors = off / gets / *point.miss_ratio_error;
      squares += errors * errors;
      ++compared;
      beyond += std::abs(errors) > 3;
    }
  }
  RecordProperty("mean_square", std::to_string(squares / compared));
  EXPECT_GT(squares / compared, 0.3);
  EXPECT_LT(squares / compared, 2.5);
  EXPECT_LE(beyond, compared / 20);
}

TEST(FixedSizeSample, OfNothingIsEmpty) {
  const FixedSizeSample none(InMemoryWorkload({}), {}, {}, false);
  EXPECT_TRUE(none.curve().points.empty());
  EXPECT_EQ(none.summary().requests, 0u);
  const FixedSizeSample once(InMemoryWorkload::gets({1, 2, 3}), {}, {}, false);
  EXPECT_TRUE(once.curve().points.empty());
  EXPECT_EQ(once.compulsory_misses(), 3u);
}

}  // namespace
}  // namespace cachegauge
