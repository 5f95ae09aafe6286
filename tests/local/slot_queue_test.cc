#include "adapters/local/policies/slot_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

struct NaiveEntry {
  uint32_t slot;
  bool marked;
};

// Every operation at random, against a deque, with as many as `most` queued.
void compare_with_deque(uint64_t seed, uint32_t most, uint64_t remove_percent) {
  SCOPED_TRACE(testing::Message() << "seed " << seed << ", most " << most);
  SplitMix64 random(seed);
  SlotQueue queue(most);
  std::deque<NaiveEntry> naive;
  const uint32_t slots = most + 10;
  queue.reserve(slots);
  for (int step = 0; step < 10'000; ++step) {
    const auto slot = static_cast<uint32_t>(random.below(slots));
    const auto found = std::find_if(naive.begin(), naive.end(),
                                    [&](const NaiveEntry& e) { return e.slot == slot; });
    ASSERT_EQ(queue.queued(slot), found != naive.end());
    if (found == naive.end()) {
      if (naive.size() == most) {  // as a policy does: the front makes room
        ASSERT_EQ(queue.front(), naive.front().slot);
        queue.remove(naive.front().slot);
        naive.pop_front();
      }
      queue.push_back(slot);
      naive.push_back({slot, false});
    } else if (random.below(100) < remove_percent) {
      queue.remove(slot);
      naive.erase(found);
    } else {
      queue.mark(slot);
      found->marked = true;
    }
    if (naive.empty()) continue;
    ASSERT_EQ(queue.front(), naive.front().slot);
    ASSERT_EQ(queue.front_marked(), naive.front().marked);
    if (random.below(3) == 0) {
      queue.move_front_to_back();
      naive.push_back({naive.front().slot, false});
      naive.pop_front();
    }
  }
}

TEST(SlotQueue, AgreesWithADeque) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    for (const uint32_t most : {1u, 2u, 63u, 64u, 65u, 300u}) {
      compare_with_deque(seed, most, 0);
      compare_with_deque(seed, most, 3);
      compare_with_deque(seed, most, 60);
    }
  }
}

template <bool kMarks>
void compare_runs_with_deque(uint32_t most) {
  SCOPED_TRACE(testing::Message() << "most " << most << (kMarks ? ", marked" : ""));
  SplitMix64 random(most);
  const uint32_t slots = most + most / 2 + 1;
  SlotQueue queue(most);
  std::deque<NaiveEntry> naive;
  const auto find = [&](uint32_t slot) {
    return std::find_if(naive.begin(), naive.end(),
                        [&](const NaiveEntry& e) { return e.slot == slot; });
  };
  const auto turn = [&] {
    naive.push_back({naive.front().slot, false});
    naive.pop_front();
  };
  queue.reserve(slots);
  for (uint32_t slot = 0; slot < most; ++slot) {
    EXPECT_FALSE(queue.ring_is_full());
    queue.push_back(slot);
    naive.push_back({slot, false});
  }
  for (int run = 0; run < 30; ++run) {
    ASSERT_TRUE(queue.ring_is_full());
    std::vector<uint32_t> asked(random.below(100));
    uint64_t queued = 0;
    for (uint32_t& slot : asked) {
      slot = static_cast<uint32_t>(random.below(slots));
      if (const auto found = find(slot); found != naive.end()) {
        found->marked = kMarks;
        ++queued;
        continue;
      }
      while (naive.front().marked) turn();
      naive.pop_front();
      naive.push_back({slot, false});
    }
    EXPECT_EQ(queue.serve<kMarks>(asked), queued);
    for (uint32_t slot = 0; slot < slots; ++slot) {
      ASSERT_EQ(queue.queued(slot), find(slot) != naive.end());
    }
    // And it goes on by itself.
    ASSERT_EQ(queue.front(), naive.front().slot);
    ASSERT_EQ(queue.front_marked(), naive.front().marked);
    queue.move_front_to_back();
    turn();
  }
}

TEST(SlotQueue, ServesManyAsOneAfterAnother) {
  for (const uint32_t most : {1u, 2u, 64u, 300u}) {
    compare_runs_with_deque<false>(most);
    compare_runs_with_deque<true>(most);
  }
}

TEST(SlotQueue, RemovingAndReturningDoesNotGrowIt) {
  SlotQueue queue(100);
  queue.reserve(100);
  for (uint32_t slot = 0; slot < 100; ++slot) queue.push_back(slot);
  for (int i = 0; i < 100'000; ++i) {
    queue.remove(50);
    queue.push_back(50);
  }
  EXPECT_EQ(queue.front(), 0u);
  EXPECT_LE(queue.bytes(), 100 * 4 + 200 * 4u);
}

}  // namespace
}  // namespace cachegauge
