// Each policy that ranks its objects, or draws from them, on a sequence that can be followed by
// hand.
#include <gtest/gtest.h>

#include "tests/local/letters.h"

namespace cachegauge {
namespace {

TEST(MruGolden, EvictsTheMostRecentlyUsed) {
  Letters<MruPolicy> p(kThreeEntries);
  p.use_all("abca");  // most recent first: a c b
  p.use_all("d");     // a goes: d c b
  p.use_all("e");     // d goes: e c b
  p.use_all("bf");    // b goes: f e c
  EXPECT_EQ(p.sink.victims, "adb");
  EXPECT_EQ(p.residents(), "cef");
}

TEST(LfuDaGolden, NewObjectsStartLevelWithTheLastVictim) {
  Letters<LfuDaPolicy> p(kThreeEntries);
  p.use_all("aaabc");  // a 3, b 1, c 1
  p.use_all("d");      // b goes, the first to reach 1: d 1 + 1
  p.use_all("e");      // c goes: e 1 + 1
  p.use_all("f");      // d goes: f 2 + 1
  p.use_all("g");      // e goes: g 2 + 1
  p.use_all("h");      // a goes, with its three uses of long ago
  EXPECT_EQ(p.sink.victims, "bcdea");
  EXPECT_EQ(p.residents(), "fgh");
}

TEST(LfuDaGolden, AVictimThatStaysMakesNobodyOlder) {
  Letters<LfuDaPolicy> p({.limit = 2});
  p.use_all("abb");  // L = 0: a 1, b 2
  EXPECT_EQ(p.next_victim('x'), 'a');
  p.erase('a');
  p.use_all("c");  // 1, below b; it would be 2 as b is, and behind it, were L a's 1
  p.use_all("d");
  EXPECT_EQ(p.sink.victims, "c");
}

TEST(GdsfGolden, WhatIsSmallAndUsedOftenStays) {
  Letters<GdsfPolicy> p(kTenBytes);
  p.use('a', 2);     // 1/2
  p.use('b', 4);     // 1/4
  p.use('c', 4);     // 1/4
  p.use('d', 2);     // b goes: 1/4 + 1/2
  p.use('e', 4);     // c goes: 1/4 + 1/4
  p.use('f', 4);     // a goes, who reached 1/2 before e: 1/2 + 1/4
  p.use('e', 4);     // 1/2 + 2/4
  p.resize('f', 1);  // 1/2 + 1/1
  p.use('g', 4);     // d goes, with 3/4
  EXPECT_EQ(p.sink.victims, "bcad");
  EXPECT_EQ(p.residents(), "efg");
}

TEST(HyperbolicGolden, UsesCountForTheTimeThatAnObjectIsHeld) {
  Letters<HyperbolicPolicy> p(kThreeEntries);  // fewer than 64, so that all are compared
  p.use_all("abcaa");                          // at 5: a 3/5, b 1/4, c 1/3
  p.use_all("dc");                             // b goes; at 7: a 3/7, c 2/5, d 1/2
  p.use_all("e");                              // c goes; at 8: a 3/8, d 1/3, e 1/1
  p.use_all("f");                              // d goes; at 9: a 3/9, e 1/2, f 1/1
  p.use_all("g");                              // a goes
  EXPECT_EQ(p.sink.victims, "bcda");
  EXPECT_EQ(p.residents(), "efg");
}

TEST(HyperbolicGolden, AnObjectIsWorthLessForEachByte) {
  Letters<HyperbolicPolicy> p(kTenBytes);
  p.use('a', 2);  // at 2: 1/2 for each of 2 bytes
  p.use('b', 8);  // at 2: 1/1 for each of 8 bytes
  p.use('c', 3);
  EXPECT_EQ(p.sink.victims, "b");
}

TEST(LhdGolden, BeforeItHasLearnedAgeAndClassDecide) {
  Letters<LhdPolicy> p(kThreeEntries);  // fewer than 32, so that all are compared
  p.use_all("abcaa");  // at 5: a was hit after 3 and 1, which is class 3: (14 - 3) / 2
  p.use_all("d");      // b's 1 / 5 is less than c's 1 / 4: b goes
  p.use_all("e");      // c goes
  p.use_all("fgh");    // d, e and f go, while a has 11 / 3 and less
  EXPECT_EQ(p.sink.victims, "bcdef");
  EXPECT_EQ(p.residents(), "agh");
}

TEST(LhdGolden, AnObjectIsWorthLessForEachByte) {
  Letters<LhdPolicy> p(kTenBytes);
  p.use('a', 2);  // at 2: 1 / 3 for each of 2 bytes
  p.use('b', 8);  // at 2: 1 / 2 for each of 8 bytes
  p.use('c', 3);
  EXPECT_EQ(p.sink.victims, "b");
}

TEST(HitDensity, IsHitsToComeOverTimeToCome) {
  HitDensity density(2);
  EXPECT_FLOAT_EQ(density.of(0, 0), 2);
  EXPECT_FLOAT_EQ(density.of(1, 3), 0.25);
  for (int i = 0; i < 3; ++i) density.add_hit(1, 1);
  density.add_eviction(1, 3);
  density.update();
  EXPECT_FLOAT_EQ(density.of(0, 0), 0) << "nothing was seen";
  EXPECT_FLOAT_EQ(density.of(1, 0), 3.f / (4 + 4 + 1 + 1));
  EXPECT_FLOAT_EQ(density.of(1, 1), 3.f / (4 + 1 + 1));
  EXPECT_FLOAT_EQ(density.of(1, 2), 0);
  EXPECT_FLOAT_EQ(density.of(1, 4), 0);
  density.add_hit(1, 3);  // which weighs 1, and the events before 0.9 each
  density.update();
  EXPECT_FLOAT_EQ(density.of(1, 2), 1 / (1.9f + 1.9f));
}

TEST(HitDensity, EventsKeepTheirTimeWhenTheUnitChanges) {
  HitDensity density(1);
  density.add_hit(0, 6);
  density.add_eviction(0, 7);
  density.double_unit();
  density.update();
  EXPECT_FLOAT_EQ(density.of(0, 3), 0.5) << "both are at age 3 of the new unit";
  EXPECT_FLOAT_EQ(density.of(0, 4), 0);
  density.halve_unit();
  density.update();
  EXPECT_FLOAT_EQ(density.of(0, 7), 0.5) << "and spread over 6 and 7 of the old one";
  EXPECT_FLOAT_EQ(density.of(0, 6), 1 / 3.f);
  EXPECT_FLOAT_EQ(density.of(0, 8), 0);
}

}  // namespace
}  // namespace cachegauge
