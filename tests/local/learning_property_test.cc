// Policies that learn from what became of their objects, in a local cache against the naive model.
#include <gtest/gtest.h>

#include "adapters/local/policies/cacheus.h"
#include "adapters/local/policies/lhd.h"
#include "adapters/local/policies/multiqueue.h"
#include "adapters/local/policies/qdlp.h"
#include "adapters/local/policies/wtinylfu.h"
#include "tests/local/cache_property.h"
#include "tests/local/naive_learning_orders.h"

namespace cachegauge {
namespace {

TEST(CacheProperty, QdLpAgreesWithTheNaiveModel) { compare_all<QdLpPolicy, NaiveQdLp>(); }
TEST(CacheProperty, MultiQueueAgreesWithTheNaiveModel) {
  compare_all<MultiQueuePolicy, NaiveMultiQueue>();
}
TEST(CacheProperty, CacheusAgreesWithTheNaiveModel) { compare_all<CacheusPolicy, NaiveCacheus>(); }
TEST(CacheProperty, LhdAgreesWithTheNaiveModel) { compare_all<LhdPolicy, NaiveLhd>(); }

TEST(CacheProperty, WTinyLfuThatAdaptsAgreesWithTheNaiveModel) {
  compare_all<WTinyLfuPolicy, NaiveWindowedLfu<true>>(":adaptive=on");
}

// Long enough for the model to be renewed several times.
TEST(CacheProperty, LhdThatHasLearnedAgreesWithTheNaiveModel) {
  const Mix mix = {{.limit = 150}, 400, 0, 0, 2, 8, 0};
  compare<LhdPolicy, NaiveLhd>(mix, 1, kSanitized ? 6'000 : 20'000, "");
}

}  // namespace
}  // namespace cachegauge
