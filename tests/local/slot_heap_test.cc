#include "adapters/local/policies/slot_heap.h"

#include <gtest/gtest.h>

#include <map>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

// Against a std::map of all slots by their rank.
void compare_with_map(uint64_t seed) {
  constexpr uint32_t kSlots = 60;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  SplitMix64 random(seed);
  std::vector<uint64_t> ranks(kSlots);
  const auto before = [&](uint32_t a, uint32_t b) { return ranks[a] < ranks[b]; };
  SlotHeap heap;
  heap.reserve(kSlots);
  std::map<uint64_t, uint32_t> held;  // rank -> slot
  for (int step = 0; step < 5000; ++step) {
    const auto slot = static_cast<uint32_t>(random.below(kSlots));
    const uint64_t rank = random.next();
    if (!heap.contains(slot)) {
      ranks[slot] = rank;
      heap.push(slot, before);
      held[rank] = slot;
    } else if (random.below(2) == 0) {
      held.erase(ranks[slot]);
      heap.remove(slot, before);
    } else {
      held.erase(ranks[slot]);
      ranks[slot] = rank;
      heap.moved(slot, before);
      held[rank] = slot;
    }
    ASSERT_EQ(heap.first(), held.empty() ? kNoSlot : held.begin()->second);
  }
}

TEST(SlotHeap, KeepsTheFirstAtHand) {
  for (uint64_t seed = 1; seed <= 5; ++seed) compare_with_map(seed);
}

}  // namespace
}  // namespace cachegauge
