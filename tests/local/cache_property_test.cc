// The policies that people know best, in a local cache against the naive model.
#include "tests/local/cache_property.h"

#include <gtest/gtest.h>

#include "adapters/local/policies/policy_list.h"
#include "tests/local/naive_orders.h"

namespace cachegauge {
namespace {

TEST(CacheProperty, LruAgreesWithTheNaiveModel) { compare_all<LruPolicy, NaiveLru>(); }
TEST(CacheProperty, LfuAgreesWithTheNaiveModel) { compare_all<LfuPolicy, NaiveLfu>(); }
TEST(CacheProperty, FifoAgreesWithTheNaiveModel) { compare_all<FifoPolicy, NaiveFifo>(); }
TEST(CacheProperty, ClockAgreesWithTheNaiveModel) { compare_all<ClockPolicy, NaiveClock>(); }
TEST(CacheProperty, ClockOfThreeBitsAgreesWithTheNaiveModel) {
  compare_all<ClockPolicy, NaiveCountingClock<7>>(":bits=3");
}
TEST(CacheProperty, LfuByAgeAgreesWithTheNaiveModel) {
  compare_all<LfuPolicy, NaiveLfuByAge>(":tie=inserted");
}
TEST(CacheProperty, RandomAgreesWithTheNaiveModel) { compare_all<RandomPolicy, NaiveRandom>(); }
TEST(CacheProperty, TtlAgreesWithTheNaiveModel) { compare_all<TtlPolicy, NaiveTtl>(":ttl=200ns"); }
TEST(CacheProperty, SieveAgreesWithTheNaiveModel) { compare_all<SievePolicy, NaiveSieve>(); }
TEST(CacheProperty, S3FifoAgreesWithTheNaiveModel) { compare_all<S3FifoPolicy, NaiveS3Fifo>(); }
TEST(CacheProperty, ArcAgreesWithTheNaiveModel) { compare_all<ArcPolicy, NaiveArc>(); }
TEST(CacheProperty, TwoQueuesAgreesWithTheNaiveModel) {
  compare_all<TwoQueuesPolicy, NaiveTwoQueues>();
}
TEST(CacheProperty, SlruAgreesWithTheNaiveModel) { compare_all<SlruPolicy, NaiveSlru>(); }
TEST(CacheProperty, WTinyLfuAgreesWithTheNaiveModel) {
  compare_all<WTinyLfuPolicy, NaiveWTinyLfu>();
}

TEST(CacheProperty, UnboundedAgreesWithTheNaiveModel) {
  Mix mix = kMixes[1];
  mix.capacity = {};
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    compare<UnboundedPolicy, NaiveFifo>(mix, seed, 2500, seed % 2 ? "" : ":admission=tinylfu");
  }
}

}  // namespace
}  // namespace cachegauge
