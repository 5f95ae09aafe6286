// Policies that learn from what became of their objects, in a local cache against the naive model.
#include <gtest/gtest.h>

#include "adapters/local/policies/multiqueue.h"
#include "adapters/local/policies/qdlp.h"
#include "tests/local/cache_property.h"
#include "tests/local/naive_learning_orders.h"

namespace cachegauge {
namespace {

TEST(CacheProperty, QdLpAgreesWithTheNaiveModel) { compare_all<QdLpPolicy, NaiveQdLp>(); }
TEST(CacheProperty, MultiQueueAgreesWithTheNaiveModel) {
  compare_all<MultiQueuePolicy, NaiveMultiQueue>();
}

}  // namespace
}  // namespace cachegauge
