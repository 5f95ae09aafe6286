#include "harness/core/curve_knee.h"

#include <gtest/gtest.h>

#include <vector>

namespace cachegauge {
namespace {

MissRatioCurve curve_of(std::vector<CurvePoint> points) {
  return {.gets = 1000, .points = std::move(points)};
}

TEST(CurveKnee, IsFarthestBelowTheLineBetweenTheEnds) {
  EXPECT_EQ(knee_of(curve_of({{1, 1000, 0}, {10, 900, 0}, {100, 200, 0}, {1000, 100, 0}})), 100u);
  EXPECT_EQ(knee_of(curve_of({{1, 1000, 0}, {2, 300, 0}, {1024, 290, 0}})), 2u);
}

TEST(CurveKnee, AStraightLineHasNone) {
  EXPECT_EQ(knee_of(curve_of({{1, 900, 0}, {10, 600, 0}, {100, 300, 0}})), std::nullopt);
  EXPECT_EQ(knee_of(curve_of({{1, 900, 0}, {10, 890, 0}, {100, 300, 0}})), std::nullopt);
  EXPECT_EQ(knee_of(curve_of({{1, 900, 0}, {10, 900, 0}, {100, 900, 0}})), std::nullopt);
  EXPECT_EQ(knee_of(curve_of({{1, 900, 0}, {10, 100, 0}})), std::nullopt);
  EXPECT_EQ(knee_of({}), std::nullopt);
}

}  // namespace
}  // namespace cachegauge
