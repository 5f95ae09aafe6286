#include "adapters/local/policies/kinetic_tournament.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

struct Object {
  uint64_t size;
  uint64_t next_use;
};
using Objects = std::map<uint32_t, Object>;  // by slot

uint32_t naive_first(const Objects& objects, uint64_t now) {
  uint32_t best = kNoSlot;
  std::tuple<bool, unsigned __int128, uint64_t> most = {false, 0, 0};
  for (const auto& [slot, object] : objects) {
    const bool never = object.next_use == kNeverUsed;
    const unsigned __int128 product =
        never ? 0 : static_cast<unsigned __int128>(object.size) * (object.next_use - now);
    const std::tuple worth = {never, product, object.size};
    if (best != kNoSlot && worth <= most) continue;
    best = slot;
    most = worth;
  }
  return best;
}

TEST(KineticTournament, NamesTheLargestProductAtAnyTime) {
  for (const uint64_t largest : {uint64_t{1}, uint64_t{5}, uint64_t{1000}, uint64_t{1} << 50}) {
    SCOPED_TRACE(testing::Message() << "sizes up to " << largest);
    KineticTournament tournament;
    tournament.reserve(300);
    Objects objects;
    SplitMix64 random(largest);
    for (uint64_t now = 0; now < 6000; ++now) {
      // What is due now is used now, as the contract says.
      const auto due = std::find_if(objects.begin(), objects.end(),
                                    [&](const auto& o) { return o.second.next_use == now; });
      const auto slot =
          due == objects.end() ? static_cast<uint32_t>(random.below(300)) : due->first;
      if (due == objects.end() && random.below(4) == 0 && objects.contains(slot)) {
        tournament.remove(slot, now);
        objects.erase(slot);
      } else {
        uint64_t next = random.below(20) == 0 ? kNeverUsed : now + 1 + random.below(3000);
        const auto taken = [&](const auto& o) { return o.second.next_use == next; };
        while (next != kNeverUsed && std::any_of(objects.begin(), objects.end(), taken)) ++next;
        objects[slot] = {1 + random.below(largest), next};
        tournament.put(slot, objects[slot].size, next, now);
      }
      ASSERT_EQ(tournament.contains(slot), objects.contains(slot));
      if (random.below(3) == 0) {
        ASSERT_EQ(tournament.first(now), naive_first(objects, now)) << "at " << now;
      }
    }
  }
}

TEST(KineticTournament, IsWonByNobodyWhileItIsEmpty) {
  KineticTournament tournament;
  tournament.reserve(2);
  EXPECT_EQ(tournament.first(0), kNoSlot);
  tournament.put(1, 10, 5, 0);
  EXPECT_EQ(tournament.first(0), 1u);
  tournament.remove(1, 1);
  EXPECT_EQ(tournament.first(1), kNoSlot);
}

}  // namespace
}  // namespace cachegauge
