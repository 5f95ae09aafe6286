// Policies that rank their objects, in a local cache against the naive model.
#include <gtest/gtest.h>

#include "adapters/local/policies/policy_list.h"
#include "tests/local/cache_property.h"
#include "tests/local/naive_ranked_orders.h"

namespace cachegauge {
namespace {

TEST(CacheProperty, MruAgreesWithTheNaiveModel) { compare_all<MruPolicy, NaiveMru>(); }
TEST(CacheProperty, LfuDaAgreesWithTheNaiveModel) { compare_all<LfuDaPolicy, NaiveLfuDa>(); }
TEST(CacheProperty, GdsfAgreesWithTheNaiveModel) { compare_all<GdsfPolicy, NaiveGdsf>(); }
TEST(CacheProperty, HyperbolicAgreesWithTheNaiveModel) {
  compare_all<HyperbolicPolicy, NaiveHyperbolic>();
}

}  // namespace
}  // namespace cachegauge
