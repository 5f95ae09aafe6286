// Each policy with ghosts on a sequence that can be followed by hand.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "harness/core/random.h"
#include "tests/local/letters.h"

namespace cachegauge {
namespace {

TEST(S3FifoGolden, OneHitWondersLeaveFromTheSmallQueue) {
  // Small queue: 1 entry; main queue: 2; ghosts: 2. The next to leave is written first.
  Letters<S3FifoPolicy> p(kThreeEntries, ":small=34%");
  p.use_all("abc");  // small a, main b c: nothing was evicted so far
  p.use_all("aa");
  p.use_all("d");  // a goes on to the main queue, from which b goes: d | c a
  p.use_all("e");  // d goes: e | c a, ghost d
  p.use_all("d");  // e goes, and d comes back: | c a d, ghost e
  p.use_all("c");
  p.use_all("f");  // c has another round, a goes: f | d c
  EXPECT_EQ(p.sink.victims, "bdea");
  EXPECT_EQ(p.sink.forgotten_slots, "ba");
  p.use_all("gh");  // f and g go: h | d c, ghosts f g, and e is forgotten
  EXPECT_EQ(p.sink.victims, "bdeafg");
  EXPECT_EQ(p.sink.forgotten_slots, "bae");
  EXPECT_EQ(p.residents(), "cdh");
}

// Of one entry a tenth is none, and yet there is room for one.
TEST(S3FifoGolden, WithOneEntryItStillCaches) {
  Letters<S3FifoPolicy> p({.limit = 1});
  EXPECT_TRUE(p.use('a'));
  EXPECT_EQ(p.residents(), "a");
  p.use_all("aab");
  EXPECT_EQ(p.sink.victims, "a");
  EXPECT_EQ(p.residents(), "b");
}

TEST(QdLpGolden, TheMainQueueMakesItsOwnRoom) {
  // Small queue: 1 entry; main queue: 3; ghosts: 3. The next to leave is written first.
  Letters<QdLpPolicy> p({.limit = 4}, ":small=25%");
  p.use_all("abcd");  // d | a b c: while there is room there all go on
  p.use_all("e");     // d goes: e | a b c, ghost d
  p.use_all("eaf");   // e goes on, so a has its other round and b goes: f | c e a
  p.use_all("d");     // d comes back, so c goes: f | e a d
  p.use_all("g");     // f goes: g | e a d, ghost f
  EXPECT_EQ(p.sink.victims, "dbcf");
  EXPECT_EQ(p.sink.forgotten_slots, "bc");
  p.use_all("hij");  // g, h and i go: f is forgotten
  EXPECT_EQ(p.sink.victims, "dbcfghi");
  EXPECT_EQ(p.sink.forgotten_slots, "bcf");
  EXPECT_EQ(p.residents(), "adej");
}

TEST(TwoQueuesGolden, WhatComesBackIsKept) {
  // A1in: 1 entry; A1out: 2. The next to leave is written first.
  Letters<TwoQueuesPolicy> p({.limit = 4});
  p.use_all("abcda");  // in a b c d: the hit changes nothing
  p.use_all("e");      // in b c d e, out a
  p.use_all("a");      // in c d e, Am a, out b
  p.use_all("fg");     // in e f g, Am a, out c d: b is forgotten
  p.use_all("b");      // in f g b, Am a, out d e: c is forgotten
  p.use_all("ed");     // in b, Am a e d, out f g
  p.use_all("a");      // in b, Am e d a
  p.use_all("h");      // in b h, Am d a: e goes from Am, and is forgotten at once
  EXPECT_EQ(p.sink.victims, "abcdefge");
  EXPECT_EQ(p.sink.forgotten_slots, "bce");
  EXPECT_EQ(p.residents(), "abdh");
}

TEST(ArcGolden, HitsOnGhostsMoveTheShares) {
  // The next to leave is written first.
  Letters<ArcPolicy> p(kThreeEntries);
  p.use_all("abca");  // T1 b c, T2 a
  p.use_all("d");     // T1 c d, T2 a, B1 b
  p.use_all("b");     // p = 1; T1 d, T2 a b, B1 c
  p.use_all("e");     // T1 has its share: T1 d e, T2 b, B1 c, B2 a
  p.use_all("a");     // p = 0; T1 e, T2 b a, B1 c d
  p.use_all("f");     // T1 f, T2 b a, B1 d e: c is forgotten
  EXPECT_EQ(p.sink.victims, "bcade");
  EXPECT_EQ(p.sink.forgotten_slots, "c");
  EXPECT_EQ(p.residents(), "abf");
}

TEST(ArcGolden, AScanLeavesNoGhosts) {
  Letters<ArcPolicy> p(kThreeEntries);
  p.use_all("abcdef");  // T1 fills the cache, so the paper discards its victims
  EXPECT_EQ(p.sink.victims, "abc");
  EXPECT_EQ(p.sink.forgotten_slots, "abc");
}

TEST(LirsGolden, WhatIsUsedTwiceInAShortTimeTakesThePlaceOfWhatIsNot) {
  // Two LIR objects, one HIR. S from the top down, ghosts in brackets.
  Letters<LirsPolicy> p(kThreeEntries);
  p.use_all("abc");  // LIR a b; S c b a, Q c
  p.use_all("d");    // S d (c) b a, Q d
  p.use_all("a");    // S a d (c) b
  p.use_all("c");    // c is LIR and b no more, so S is pruned to c a: Q b, and d is forgotten
  p.use_all("d");    // b goes for good, as it is not in S: S d c a, Q d
  p.use_all("d");    // d is LIR, a no more: S d c, Q a
  p.use_all("e");    // S e d c, Q e
  EXPECT_EQ(p.sink.victims, "cdba");
  EXPECT_EQ(p.sink.forgotten_slots, "dba");
  EXPECT_EQ(p.residents(), "cde");
}

TEST(LruKGolden, TheSecondLastUseDecides) {
  // Times of the last two uses; 0 where there was one alone.
  Letters<LruKPolicy> p(kThreeEntries);
  p.use_all("abcab");  // a 1 4, b 2 5, c 0 3
  p.use_all("de");     // c goes, then d: e 0 7, ghosts c d
  p.use_all("c");      // e goes; c comes back with its use of then: c 3 8
  p.use_all("f");      // each has two uses, and a's second last is the oldest
  p.use_all("g");      // f goes, and d is the fourth ghost
  EXPECT_EQ(p.sink.victims, "cdeaf");
  EXPECT_EQ(p.sink.forgotten_slots, "d");
  EXPECT_EQ(p.residents(), "bcg");
}

TEST(LruKGolden, WithKOneItIsLru) {
  Letters<LruKPolicy> p(kThreeEntries, ":k=1,ghosts=0");
  p.use_all("abcadbe");
  EXPECT_EQ(p.sink.victims, "bca");
}

TEST(MultiQueueGolden, UsedObjectsFallWithTime) {
  // Queues from the lowest on, the next to leave first; the time after each line.
  Letters<MultiQueuePolicy> p(kThreeEntries, ":lifetime=3,ghosts=1");
  p.use_all("abcaa");  // Q0 b c, Q1 a since 4; 5
  p.use_all("d");      // b goes: Q0 c d, Q1 a, out b; 6
  p.use_all("b");      // c goes, and b has two uses: Q0 d, Q1 a b since 6, out c; 7
  p.use_all("d");      // Q1 b d since 7, and a falls: Q0 a; 8
  p.use_all("e");      // a goes: Q0 e, Q1 b d, out c a; 9
  p.use_all("f");      // e goes, and b falls: Q0 f b, Q1 d, out c a e; 10
  p.use_all("g");      // f goes, c is forgotten, and d falls: Q0 b g d; 11
  EXPECT_EQ(p.sink.victims, "bcaef");
  EXPECT_EQ(p.sink.forgotten_slots, "c");
  EXPECT_EQ(p.residents(), "bdg");
}

TEST(PeakDistance, IsAboveTheMostFrequentDistances) {
  PeakDistance distances;
  for (int i = 0; i < 400; ++i) EXPECT_FALSE(distances.add(1));
  for (int i = 0; i < 300; ++i) EXPECT_FALSE(distances.add(1'000'000));
  for (int i = 0; i < 323; ++i) EXPECT_FALSE(distances.add(3));
  EXPECT_TRUE(distances.add(3));
  EXPECT_EQ(distances.peak(), 2u);
  // The counts so far weigh half, 200, 150 and 162, and grow to 400, 550 and 362.
  for (int i = 0; i < 400; ++i) EXPECT_FALSE(distances.add(1'000'000));
  for (int i = 0; i < 400; ++i) EXPECT_FALSE(distances.add(i % 2 == 0 ? 1 : 2));
  for (int i = 0; i < 223; ++i) EXPECT_FALSE(distances.add(5));
  EXPECT_TRUE(distances.add(5));
  EXPECT_EQ(distances.peak(), 1u << 20);
}

TEST(CarGolden, UsedObjectsGoOnToTheSecondClock) {
  // The hand's side first; * is a reference bit.
  Letters<CarPolicy> p(kThreeEntries);
  p.use_all("abca");  // T1 a* b c
  p.use_all("d");     // T1 c d, T2 a, B1 b
  p.use_all("b");     // T1 d, T2 a b, B1 c, p = 1
  p.use_all("ea");    // T1 e, T2 a* b, B1 c d
  p.use_all("c");     // T2 a* b c, B1 d e, p = 2
  p.use_all("f");     // T1 f, T2 c a, B1 d e, B2 b
  p.use_all("g");     // T1 f g, T2 a, B1 e, B2 b c: d is forgotten
  EXPECT_EQ(p.sink.victims, "bcdebc");
  EXPECT_EQ(p.sink.forgotten_slots, "d");
  EXPECT_EQ(p.residents(), "afg");
}

TEST(ClockProGolden, ATestPeriodDecidesWhatIsHot) {
  // From HAND_hot on; ^ is hot, ' in its test period, * used, ghosts in brackets. One entry is for
  // cold objects at first.
  Letters<ClockProPolicy> p(kThreeEntries);
  p.use_all("abca");  // a^* b^ c'
  p.use_all("d");     // c goes: a^* b^ (c) d'
  // d goes. c is hot, which is an entry more for cold ones, so b becomes cold; HAND_hot drops d, an
  // entry less, on its way to c, which it makes cold.
  p.use_all("c");   // a^ b c
  p.use_all("e");   // HAND_cold is at c, which goes: a^ b e'
  p.use_all("bf");  // b is tested, e goes: a^ (e) b' f'
  p.use_all("g");   // b goes: a^ (e) (b) f' g'
  p.use_all("b");   // f goes; b is hot and a cold: (e) (f) g' b^ a
  EXPECT_EQ(p.sink.victims, "cdcebf");
  EXPECT_EQ(p.sink.forgotten_slots, "dc");
  EXPECT_EQ(p.residents(), "abg");
}

TEST(LecarGolden, AMistakeOfOneIsWeightForTheOther) {
  Letters<LecarPolicy> p(kThreeEntries);
  SplitMix64 random(42);
  p.use_all("aabc");  // LRU would have a go, LFU b
  p.use_all("d");
  const bool lru = random.uniform() < 0.5;
  const char first = lru ? 'a' : 'b';
  EXPECT_EQ(p.sink.victims, std::string(1, first));
  p.use(first);  // one request after it went
  const double gain = std::exp(0.45 * std::pow(0.005, 1.0 / 3));
  const double lru_weight = lru ? 0.5 / (0.5 + 0.5 * gain) : 0.5 * gain / (0.5 * gain + 0.5);
  const bool lru_again = random.uniform() < lru_weight;
  // By recency b c d or a c d; each but a has one use.
  const char second = lru ? 'b' : (lru_again ? 'a' : 'c');
  EXPECT_EQ(p.sink.victims, std::string({first, second}));
}

TEST(CacheusGolden, NewObjectsPassThroughRAndUsedOnesReturnToSr) {
  // SR: 3 entries; R: 1, whose next to leave is written first, as is SR's. In both histories
  // together: 4 ghosts. The seed's first draws decide who names the victim.
  Letters<CacheusPolicy> p({.limit = 4});
  SplitMix64 random(42);
  p.use_all("abc");  // SR a b c: there is room, and nothing in R
  p.use_all("d");    // R d
  p.use_all("aab");  // SR c a b, R d; uses: a 3, b 2, c 1, d 1
  p.use_all("d");    // d goes on to SR, which demotes c: SR a b d, R c; d 2
  // LRU names c, and so does LFU: nobody's mistake, and no ghost.
  p.use_all("e");  // alone in R, so that a is demoted: SR b d, R e a
  random.uniform();
  EXPECT_EQ(p.sink.victims, "c");
  EXPECT_EQ(p.sink.forgotten_slots, "c");
  p.use_all("e");  // e goes on: SR b d e, R a
  // LRU names a, with 3 uses; LFU the last used of b, d and e, with 2 each.
  const bool lru = random.uniform() < 0.5;
  p.use_all("f");
  EXPECT_EQ(p.sink.victims, lru ? "ca" : "ce");
  EXPECT_EQ(p.sink.forgotten_slots, "c") << "a mistake is remembered";
  EXPECT_EQ(p.residents(), lru ? "bdef" : "abdf");
}

TEST(CacheusGolden, RKeepsTwoObjectsSoThatTheExpertsDiffer) {
  Letters<CacheusPolicy> p({.limit = 4});  // as above
  SplitMix64 random(42);
  p.use_all("abcd");  // SR a b c, R d
  p.use_all("e");     // both name d; e is alone in R, so that a is demoted: SR b c, R e a
  p.use_all("f");     // both name e, which LRU has before a: SR b c, R a f
  random.uniform();
  random.uniform();
  const bool lru = random.uniform() < 0.5;
  p.use_all("g");  // LRU names a, LFU f, the last used of those with one use
  EXPECT_EQ(p.sink.victims, lru ? "dea" : "def");
  EXPECT_EQ(p.sink.forgotten_slots, "de") << "a mistake is remembered";
}

TEST(LearningRate, GoesWhereTheHitRatioGoes) {
  SplitMix64 random(1);
  LearningRate rate(200);
  const double first = std::sqrt(2 * std::log(2) / 200);  // 0.08326
  EXPECT_DOUBLE_EQ(rate.rate(), first);
  rate.update(0.5, random);  // from no rate and no hits to these: up
  const double second = first * (1 + 0.083);
  EXPECT_DOUBLE_EQ(rate.rate(), second);  // 0.09017
  rate.update(0.4, random);               // 0.007 more rate, and fewer hits: down
  const double third = second * (1 - 0.007);
  EXPECT_DOUBLE_EQ(rate.rate(), third);  // 0.08954
  rate.update(0.4, random);              // the hits did not change
  EXPECT_DOUBLE_EQ(rate.rate(), third);
  SplitMix64 same = random;
  rate.update(0.3, random);  // the rate did not: by chance
  EXPECT_DOUBLE_EQ(rate.rate(), third * (same.below(2) == 0 ? 1.25 : 0.75));
}

TEST(LearningRate, BeginsAnewAfterTenPeriodsWithoutHits) {
  SplitMix64 random(1);
  LearningRate rate(200);
  const double first = rate.rate();
  rate.update(0.5, random);
  const double second = rate.rate();
  rate.update(0, random);  // the rate had changed, so that this is a step down
  const double third = rate.rate();
  EXPECT_LT(third, second);
  for (int i = 0; i < 9; ++i) rate.update(0, random);
  EXPECT_DOUBLE_EQ(rate.rate(), third);
  rate.update(0, random);
  EXPECT_DOUBLE_EQ(rate.rate(), first);
}

}  // namespace
}  // namespace cachegauge
