#include "adapters/local/slot_index.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

TEST(SlotIndex, FindsWhatWasInserted) {
  SlotIndex index;
  index.reserve_slots(2);
  index.insert(hash_integer_key(7), 1);
  EXPECT_EQ(index.find(hash_integer_key(7), [](uint32_t) { return true; }), 1u);
  EXPECT_EQ(index.find(hash_integer_key(8), [](uint32_t) { return true; }), kNoSlot);
  index.erase(1);
  EXPECT_EQ(index.find(hash_integer_key(7), [](uint32_t) { return true; }), kNoSlot);
}

TEST(SlotIndex, AsksForTheKeyAmongEqualHashes) {
  SlotIndex index;
  index.reserve_slots(40);
  for (uint32_t slot = 0; slot < 40; ++slot) index.insert(0xffffffffffffffff, slot);
  for (uint32_t slot = 0; slot < 40; ++slot) {
    EXPECT_EQ(index.find(0xffffffffffffffff, [&](uint32_t s) { return s == slot; }), slot);
  }
  for (uint32_t slot = 0; slot < 40; slot += 2) index.erase(slot);
  for (uint32_t slot = 0; slot < 40; ++slot) {
    EXPECT_EQ(index.find(0xffffffffffffffff, [&](uint32_t s) { return s == slot; }),
              slot % 2 ? slot : kNoSlot);
  }
}

TEST(SlotIndex, KeepsToItsLoad) {
  SlotIndex index;
  index.reserve_slots(1'000'000);
  for (uint32_t slot = 0; slot < 1'000'000; ++slot) index.insert(hash_integer_key(slot), slot);
  EXPECT_EQ(index.size(), 1'000'000u);
  EXPECT_LE(index.bytes(), 10'700'000u);
}

// Insertions and removals at random against std::map, with hashes from a small range (long
// clusters, also across the table's end) and from all of it, while slots and table grow.
void compare_with_map(uint64_t seed, int hash_bits) {
  SCOPED_TRACE(testing::Message() << "seed " << seed << ", hash bits " << hash_bits);
  SplitMix64 random(seed);
  SlotIndex index;
  uint32_t reserved = 0;
  std::map<uint32_t, uint64_t> held;  // slot -> hash
  std::vector<uint32_t> free;
  for (int step = 0; step < 10'000; ++step) {
    if (random.below(100) < (step < 5'000 ? 55u : 45u)) {
      if (free.empty()) {
        index.reserve_slots(reserved + 7);
        for (uint32_t i = 0; i < 7; ++i) free.push_back(reserved++);
      }
      const uint64_t hash = ~(random.next() >> (64 - hash_bits));  // all at the end of the table
      held[free.back()] = hash;
      index.insert(hash, free.back());
      free.pop_back();
    } else if (!held.empty()) {
      auto victim = held.lower_bound(static_cast<uint32_t>(random.below(reserved)));
      if (victim == held.end()) victim = held.begin();
      index.erase(victim->first);
      free.push_back(victim->first);
      held.erase(victim);
    }
    ASSERT_EQ(index.size(), held.size());
    if (step % 500 != 0) continue;
    for (const auto& [slot, hash] : held) {
      ASSERT_EQ(index.find(hash, [&, s = slot](uint32_t found) { return found == s; }), slot);
    }
    for (const uint32_t slot : free) {
      const uint64_t any = ~(random.next() >> (64 - hash_bits));
      ASSERT_EQ(index.find(any, [&](uint32_t found) { return found == slot; }), kNoSlot);
    }
  }
}

TEST(SlotIndex, AgreesWithAMap) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    compare_with_map(seed, 37);
    compare_with_map(seed, 64);
  }
}

}  // namespace
}  // namespace cachegauge
