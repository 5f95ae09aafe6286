#include "harness/simulate/lru_depths.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

// The stack as a list, which is searched.
class NaiveStack {
 public:
  uint64_t push(uint32_t id) {
    const auto at = std::find(ids_.begin(), ids_.end(), id);
    const bool is_there = at != ids_.end();
    const auto depth = is_there ? static_cast<uint64_t>(at - ids_.begin()) + 1 : 0;
    if (is_there) ids_.erase(at);
    ids_.insert(ids_.begin(), id);
    return depth;
  }

 private:
  std::vector<uint32_t> ids_;  // the top first
};

// Popular ids come again within a batch, and the places run out several times.
TEST(LruDepths, EqualThoseOfAList) {
  for (const uint32_t ids : {1u, 2u, 70u, 1500u}) {
    SplitMix64 random(ids);
    LruDepths depths(ids);
    NaiveStack naive;
    const size_t requests = 5 * (6 * ids + 1024);
    for (size_t served = 0; served < requests;) {
      std::vector<uint32_t> batch(1 + random.below(LruDepths::kMostAtOnce));
      for (uint32_t& id : batch) {
        id = static_cast<uint32_t>(
            std::min({random.below(ids), random.below(ids), random.below(ids)}));
      }
      size_t visited = 0;
      depths.push(batch, [&](size_t i, uint64_t depth) {
        EXPECT_EQ(i, visited++);
        ASSERT_EQ(depth, naive.push(batch[i])) << ids << " ids, request " << served + i;
      });
      ASSERT_EQ(visited, batch.size());
      served += batch.size();
    }
  }
}

}  // namespace
}  // namespace cachegauge
