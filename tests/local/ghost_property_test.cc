// Policies that remember what they evicted, in a local cache against the naive model.
#include <gtest/gtest.h>

#include "adapters/local/policies/policy_list.h"
#include "tests/local/cache_property.h"
#include "tests/local/naive_ghost_orders.h"

namespace cachegauge {
namespace {

TEST(CacheProperty, LruKAgreesWithTheNaiveModel) { compare_all<LruKPolicy, NaiveLruK>(); }
TEST(CacheProperty, LirsAgreesWithTheNaiveModel) { compare_all<LirsPolicy, NaiveLirs>(); }
TEST(CacheProperty, CarAgreesWithTheNaiveModel) { compare_all<CarPolicy, NaiveCar>(); }
TEST(CacheProperty, ClockProAgreesWithTheNaiveModel) {
  compare_all<ClockProPolicy, NaiveClockPro>();
}
TEST(CacheProperty, LecarAgreesWithTheNaiveModel) { compare_all<LecarPolicy, NaiveLecar>(); }

}  // namespace
}  // namespace cachegauge
