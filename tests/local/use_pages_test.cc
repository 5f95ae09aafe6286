#include "adapters/local/policies/use_pages.h"

#include <gtest/gtest.h>

#include <map>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

// Against a std::map of all positions, over as many pages as a trace of 300,000 requests has.
void compare_pages_with_map(uint64_t seed) {
  constexpr uint64_t kPositions = 300'000;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SplitMix64 random(seed);
  UsePages pages;
  std::map<uint64_t, uint32_t> held;  // position -> slot
  uint64_t now = 0;
  for (uint32_t slot = 0; now < kPositions; ++slot, now += random.below(20)) {
    pages.pass(now);
    held.erase(held.begin(), held.lower_bound(now));
    // Near ones and far ones, as objects are used often or seldom.
    const uint64_t ahead = random.below(2) == 0 ? 3000 : kPositions - std::min(now, kPositions - 1);
    if (const uint64_t position = now + 1 + random.below(ahead);
        held.try_emplace(position, slot).second) {
      pages.add(position, slot);
    }
    while (held.size() > 500) {
      const auto [position, last] = *held.rbegin();
      const UsePages::Use use = pages.furthest();
      ASSERT_EQ(use.position, position);
      ASSERT_EQ(use.slot, last);
      if (random.below(2) == 0) {
        pages.drop_furthest();
      } else {
        pages.drop_last(position, last);
      }
      held.erase(position);
    }
  }
}

TEST(UsePages, KnowTheFurthest) {
  for (uint64_t seed = 1; seed <= 3; ++seed) compare_pages_with_map(seed);
}

TEST(UsePages, GiveBackWhatLiesInThePast) {
  UsePages pages;
  for (uint32_t i = 0; i < 1'000'000; ++i) {
    pages.pass(i);
    pages.add(i + 100, i);
  }
  EXPECT_EQ(pages.furthest().position, 1'000'099u);
  EXPECT_LT(pages.bytes(), 1'000'000u);  // 8 bytes each would be eight times that
}

}  // namespace
}  // namespace cachegauge
