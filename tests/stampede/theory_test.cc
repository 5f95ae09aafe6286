// The formulas at the points of the literature.
#include "harness/stampede/theory.h"

#include <gtest/gtest.h>

namespace cachegauge {
namespace {

TEST(Theory, Counts) {
  EXPECT_DOUBLE_EQ(unguarded_calls(1000, 0.05), 51);
  EXPECT_NEAR(once_each_calls(1000, 0.05, 50), 31.97, 0.01);
  EXPECT_DOUBLE_EQ(once_each_calls(1000, 0.05, 1), 1);
  EXPECT_NEAR(xfetch_calls(1), 2.718, 0.001);
  EXPECT_NEAR(xfetch_calls(0.5), 7.389, 0.001);
  EXPECT_DOUBLE_EQ(plateau_rate(200, 0.2), 500);
  EXPECT_DOUBLE_EQ(short_lock_calls(0.05, 0.02), 3);
}

TEST(Theory, TimesAndShares) {
  EXPECT_NEAR(xfetch_early_gap_s(1000, 1, 0.05), 0.2245, 0.0001);
  EXPECT_NEAR(xfetch_hard_miss_share(100, 1, 0.05), 0.0067, 0.0001);
  EXPECT_NEAR(stale_share(1, 0.05), 0.0476, 0.0001);
  EXPECT_DOUBLE_EQ(dead_holders_window_s(3, 0.5, 0.13), 1.63);
}

TEST(Theory, ASharedOriginThatIsOverwhelmed) {
  EXPECT_NEAR(shared_origin_calls(1000, 0.05, 12), 12 * 25.79, 1);
}

}  // namespace
}  // namespace cachegauge
