#include "harness/simulate/lru_stack.h"

#include <gtest/gtest.h>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

// Of as many ids as there can be, places run out long before they do in a small test: one that is
// nearly full all the time has the depths of one with room.
template <class Sums>
void expect_depths_with_few_places(uint64_t most_weight) {
  constexpr uint32_t kIds = 100;
  SplitMix64 random(3);
  LruStack<Sums> roomy(kIds), full(kIds, 2 * kIds + 16);
  for (int i = 0; i < 20'000; ++i) {
    const auto id = static_cast<uint32_t>(std::min(random.below(kIds), random.below(kIds)));
    ASSERT_EQ(full.holds(id), roomy.holds(id)) << i;
    if (random.below(10) == 0) {
      if (!full.holds(id)) continue;
      full.erase(id);
      roomy.erase(id);
      continue;
    }
    const uint64_t weight = 1 + random.below(most_weight);
    ASSERT_EQ(full.push(id, weight), roomy.push(id, weight)) << i;
  }
}

TEST(LruStack, HasTheSameDepthsHoweverFewPlacesThereAre) {
  expect_depths_with_few_places<SuffixCounts>(1);
  expect_depths_with_few_places<SuffixSums<uint64_t>>(50);
}

}  // namespace
}  // namespace cachegauge
