// Each policy on a sequence that can be followed by hand, and what the contract in policy.h asks of
// all of them.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/local/policies/policy_list.h"

namespace cachegauge {
namespace {

const Spec kNoParams("test");

// Objects are letters, and a letter's slot is its place in the alphabet.
struct LetterSink {
  uint64_t size(uint32_t slot) const { return sizes[slot]; }
  bool evicted(uint32_t slot) {
    victims += static_cast<char>('a' + slot);
    return true;
  }
  void forgotten(uint32_t slot) { forgotten_slots += static_cast<char>('a' + slot); }

  std::array<uint64_t, 26> sizes = {};
  std::string victims;
  std::string forgotten_slots;
};

template <class Policy>
class Letters {
 public:
  explicit Letters(PolicyCapacity capacity) : policy({capacity, kNoParams}) { policy.reserve(26); }

  // A get that fills on a miss.
  bool use(char letter, uint64_t size = 1) {
    const Access access = {.slot = static_cast<uint32_t>(letter - 'a'), .size = size};
    if (policy.resident(access.slot)) {
      policy.hit(access, sink);
      return true;
    }
    sink.sizes[access.slot] = size;
    return policy.insert(access, sink);
  }
  void use_all(std::string_view letters) {
    for (const char letter : letters) use(letter);
  }
  bool resize(char letter, uint64_t size) {
    const auto slot = static_cast<uint32_t>(letter - 'a');
    const uint64_t old_size = std::exchange(sink.sizes[slot], size);
    return policy.resize({.slot = slot, .size = size}, old_size, sink);
  }
  void erase(char letter) { policy.erase(letter - 'a', sink); }
  std::string residents() const {
    std::string letters;
    for (uint32_t slot = 0; slot < 26; ++slot) {
      if (policy.resident(slot)) letters += static_cast<char>('a' + slot);
    }
    return letters;
  }

  Policy policy;
  LetterSink sink;
};

constexpr PolicyCapacity kThreeEntries = {.limit = 3};
constexpr PolicyCapacity kTenBytes = {.limit = 10, .in_bytes = true};

TEST(LruGolden, EvictsTheLeastRecentlyUsed) {
  Letters<LruPolicy> p(kThreeEntries);
  p.use_all("abc");  // most recent first: c b a
  p.use_all("a");    // a c b
  p.use_all("d");    // d a c, b goes
  p.use_all("b");    // b d a, c goes
  p.use_all("e");    // e b d, a goes
  EXPECT_EQ(p.sink.victims, "bca");
  EXPECT_EQ(p.residents(), "bde");
}

TEST(FifoGolden, EvictsTheOldestHoweverOftenUsed) {
  Letters<FifoPolicy> p(kThreeEntries);
  p.use_all("abc");
  p.use_all("aaa");  // changes nothing
  p.use_all("d");    // b c d, a goes
  p.use_all("b");    // changes nothing
  p.use_all("e");    // c d e, b goes
  EXPECT_EQ(p.sink.victims, "ab");
  EXPECT_EQ(p.residents(), "cde");
}

TEST(ClockGolden, PassesOverTheReferenced) {
  Letters<ClockPolicy> p(kThreeEntries);
  p.use_all("abc");  // from the hand on: a b c, no bit is set
  p.use_all("ab");   // a* b* c
  p.use_all("d");    // the hand clears a and b; c goes: a b d
  p.use_all("e");    // a goes: b d e
  p.use_all("d");    // b d* e
  p.use_all("f");    // b goes: d* e f
  p.use_all("g");    // the hand clears d; e goes: f d g
  EXPECT_EQ(p.sink.victims, "cabe");
  EXPECT_EQ(p.residents(), "dfg");
}

TEST(ClockGolden, AllReferencedIsFifo) {
  Letters<ClockPolicy> p(kThreeEntries);
  p.use_all("abcabc");
  p.use_all("d");  // the hand goes round, clears all three, and takes a
  EXPECT_EQ(p.sink.victims, "a");
}

TEST(LfuGolden, EvictsTheLeastUsed) {
  Letters<LfuPolicy> p(kThreeEntries);
  p.use_all("abcabb");  // a 2, b 3, c 1
  p.use_all("d");       // c goes: a 2, b 3, d 1
  p.use_all("a");       // a 3
  p.use_all("e");       // d goes
  p.use_all("d");       // e goes: a count does not outlive its object
  EXPECT_EQ(p.sink.victims, "cde");
  EXPECT_EQ(p.residents(), "abd");
}

TEST(LfuGolden, TiesGoByWhoReachedTheCountFirst) {
  Letters<LfuPolicy> p(kThreeEntries);
  p.use_all("ab");
  p.use_all("ba");  // b reaches 2 before a
  p.use_all("cc");
  p.use_all("d");
  EXPECT_EQ(p.sink.victims, "b");
}

TEST(LfuGolden, AnObjectAloneAtItsCountMovesOnWithoutLosingItsPlace) {
  Letters<LfuPolicy> p(kThreeEntries);
  p.use_all("aaaa");  // a 4
  p.use_all("bbb");   // b 3
  p.use_all("cc");    // c 2
  p.use_all("cc");    // c 3, behind b; then 4, behind a
  p.use_all("b");     // b 4, behind c
  p.use_all("d");     // a goes, the first to reach 4: d 1
  p.use_all("ddd");   // d 4, the last to reach it
  p.use_all("e");     // c goes
  EXPECT_EQ(p.sink.victims, "ac");
}

TEST(UnboundedGolden, KeepsEverything) {
  Letters<UnboundedPolicy> p({});
  p.use_all("abcdefghijklmnopqrstuvwxyz");
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_EQ(p.policy.items(), 26u);
  p.erase('q');
  EXPECT_EQ(p.residents(), "abcdefghijklmnoprstuvwxyz");
}

template <class Policy>
class BoundedPolicy : public testing::Test {};
using BoundedPolicies = testing::Types<LruPolicy, LfuPolicy, FifoPolicy, ClockPolicy>;
TYPED_TEST_SUITE(BoundedPolicy, BoundedPolicies);

TYPED_TEST(BoundedPolicy, EvictsUntilThereIsRoomAndNotBefore) {
  Letters<TypeParam> p(kTenBytes);
  EXPECT_TRUE(p.use('a', 4));
  EXPECT_TRUE(p.use('b', 6));
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_EQ(p.policy.used(), 10u);
  EXPECT_TRUE(p.use('c', 5));  // a's 4 bytes are too few
  EXPECT_EQ(p.sink.victims, "ab");
  EXPECT_EQ(p.policy.used(), 5u);
  EXPECT_EQ(p.policy.items(), 1u);
}

TYPED_TEST(BoundedPolicy, DeclinesWhatCannotFitAndEvictsNothingForIt) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 10);
  EXPECT_FALSE(p.use('b', 11));
  EXPECT_EQ(p.residents(), "a");
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_EQ(p.sink.forgotten_slots, "") << "a declined slot was never the policy's";
}

TYPED_TEST(BoundedPolicy, AnObjectThatOutgrowsTheCacheGoesAlone) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  EXPECT_FALSE(p.resize('c', 11));
  EXPECT_EQ(p.sink.victims, "c");
  EXPECT_EQ(p.residents(), "ab");
  EXPECT_EQ(p.policy.used(), 6u);
}

TYPED_TEST(BoundedPolicy, ResizeMakesRoomAmongTheOthers) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  EXPECT_TRUE(p.resize('c', 5));
  EXPECT_EQ(p.sink.victims, "a");
  EXPECT_EQ(p.policy.used(), 8u);
  EXPECT_TRUE(p.resize('c', 1));
  EXPECT_EQ(p.policy.used(), 4u);
  EXPECT_EQ(p.residents(), "bc");
}

TYPED_TEST(BoundedPolicy, ResizeMayTakeTheObjectItself) {
  Letters<TypeParam> p(kTenBytes);
  p.use('a', 3);
  p.use('b', 3);
  p.use('c', 3);
  // Nothing was used since, so in every one of these orders the next victims are a and then b.
  EXPECT_FALSE(p.resize('b', 10));
  EXPECT_EQ(p.sink.victims, "ab");
  EXPECT_EQ(p.residents(), "c");
}

TYPED_TEST(BoundedPolicy, ForgetsWhatItEvictsAndNotWhatIsErased) {
  Letters<TypeParam> p(kThreeEntries);
  p.use_all("abc");
  p.erase('b');
  EXPECT_EQ(p.sink.forgotten_slots, "");
  EXPECT_EQ(p.policy.used(), 2u);
  p.use_all("de");
  EXPECT_EQ(p.sink.victims, "a");
  EXPECT_EQ(p.sink.forgotten_slots, "a");
  EXPECT_EQ(p.residents(), "cde");
}

TYPED_TEST(BoundedPolicy, WorksWithOneEntry) {
  Letters<TypeParam> p({.limit = 1});
  p.use_all("aabbcca");
  EXPECT_EQ(p.sink.victims, "abc");
  EXPECT_EQ(p.residents(), "a");
  p.erase('a');
  EXPECT_EQ(p.policy.items(), 0u);
  p.use_all("z");
  EXPECT_EQ(p.residents(), "z");
}

TEST(PolicyTable, RowsHaveNameSummaryAndSource) {
  for (const PolicyInfo& row : kPolicyTable) {
    EXPECT_FALSE(row.name.empty());
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_EQ(row.paper.empty(), row.name == "unbounded") << row.name;
  }
}

}  // namespace
}  // namespace cachegauge
