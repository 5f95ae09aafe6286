// Each policy without ghosts on a sequence that can be followed by hand.
#include <gtest/gtest.h>

#include <string>

#include "harness/core/error.h"
#include "harness/core/random.h"
#include "tests/local/letters.h"

namespace cachegauge {
namespace {

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

TEST(ClockGolden, WithTwoBitsUpToThreeHitsAreWorthARoundEach) {
  Letters<ClockPolicy> p(kThreeEntries, ":bits=2");
  p.use_all("abcaaaab");  // from the hand on: a 3, b 1, c 0
  p.use_all("d");         // the hand takes one from a and b; c goes: a 2, b 0, d 0
  p.use_all("e");         // b goes: d 0, a 1, e 0
  p.use_all("f");         // d goes: a 1, e 0, f 0
  p.use_all("g");         // e goes: f 0, a 0, g 0
  p.use_all("hi");        // f goes, and then a
  EXPECT_EQ(p.sink.victims, "cbdefa");
  EXPECT_EQ(p.residents(), "ghi");
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

TEST(LfuGolden, TiesMayGoByWhoWasInsertedFirst) {
  Letters<LfuPolicy> p(kThreeEntries, ":tie=inserted");
  p.use_all("ab");
  p.use_all("ba");  // b reaches 2 before a
  p.use_all("cc");
  p.use_all("d");  // but a is older
  p.use_all("e");  // d goes, with one use
  EXPECT_EQ(p.sink.victims, "ad");
  EXPECT_EQ(p.residents(), "bce");
}

TEST(RandomGolden, TheNewOneTakesTheRandomPlaceOfTheVictim) {
  Letters<RandomPolicy> p(kThreeEntries);
  p.use_all("abcdefgh");
  SplitMix64 random(42);
  std::string array = "abc";
  std::string victims;
  for (const char letter : std::string("defgh")) {
    const uint64_t place = random.below(3);
    victims += array[place];
    array[place] = letter;
  }
  EXPECT_EQ(p.sink.victims, victims);
}

TEST(RandomGolden, TheLastOneTakesThePlaceOfOneThatIsErased) {
  Letters<RandomPolicy> p(kThreeEntries);
  p.use_all("abc");
  p.erase('b');  // a c
  p.use('d');    // a c d
  p.erase('a');  // d c
  EXPECT_EQ(p.residents(), "cd");
  p.use('e');
  SplitMix64 random(42);
  std::string array = "dce";
  std::string victims;
  for (const char letter : std::string("fghab")) {
    p.use(letter);
    const uint64_t place = random.below(3);
    victims += array[place];
    array[place] = letter;
  }
  EXPECT_EQ(p.sink.victims, victims);
}

TEST(SieveGolden, TheHandPassesFromOldToYoung) {
  Letters<SievePolicy> p(kThreeEntries);
  p.use_all("abc");  // from old to young: a b c
  p.use_all("a");    // a* b c
  p.use_all("d");    // the hand clears a and takes b: a c d, hand at c
  p.use_all("c");    // a c* d
  p.use_all("e");    // the hand clears c and takes d: a c e, hand at e's side of c
  p.use_all("c");    // a c* e
  p.use_all("f");    // the hand was at the young end; it takes a: c* e f
  p.use_all("g");    // the hand clears c and takes e
  EXPECT_EQ(p.sink.victims, "bdae");
  EXPECT_EQ(p.residents(), "cfg");
}

TEST(SieveGolden, TheHandGoesOnWhenItsObjectIsErased) {
  Letters<SievePolicy> p(kThreeEntries);
  p.use_all("abca");  // a* b c
  p.use_all("d");     // b goes; the hand is at c
  p.erase('c');       // and then at d
  p.use_all("ef");    // e finds room; d goes
  EXPECT_EQ(p.sink.victims, "bd");
  EXPECT_EQ(p.residents(), "aef");
}

TEST(SlruGolden, AHitProtectsAndTheProtectedFallBack) {
  Letters<SlruPolicy> p({.limit = 5}, ":protected=40%");
  p.use_all("abcde");  // probation, the victim first: a b c d e
  p.use_all("ab");     // c d e | a b
  p.use_all("c");      // d e a | b c: a falls back
  p.use_all("fg");     // a f g | b c: d and e go
  p.use_all("a");      // f g b | c a
  p.use_all("hij");    // h i j | c a
  EXPECT_EQ(p.sink.victims, "defgb");
  EXPECT_EQ(p.residents(), "achij");
}

TEST(WTinyLfuGolden, LetsInWhatIsUsedMoreThanTheVictim) {
  Letters<WTinyLfuPolicy> p(kThreeEntries);  // a window of one, two in the main part
  p.use_all("abc");                          // probation a b, window c
  p.use_all("a");                            // protected a, probation b
  p.use_all("d");                            // c was used no more often than b, and goes
  p.use_all("d");
  p.use_all("e");  // d was used twice, so b goes
  p.use_all("f");  // e goes
  EXPECT_EQ(p.sink.victims, "cbe");
  EXPECT_EQ(p.residents(), "adf");
}

TEST(WTinyLfuGolden, AnObjectThatDoesNotFitTheWindowMayBeDeclined) {
  Letters<WTinyLfuPolicy> p(kTenBytes);  // a window of one byte
  p.use('a', 5);
  p.use('b', 5);
  EXPECT_FALSE(p.use('c', 5)) << "used no more often than a";
  EXPECT_EQ(p.sink.victims, "");
  EXPECT_TRUE(p.use('c', 5)) << "used twice";
  EXPECT_EQ(p.sink.victims, "a");
}

TEST(WTinyLfuGolden, AWindowThatHasGrownFillsWithWhatComesIn) {
  // A window of one and a main part of 15, which an adaptive one changes by 1 at first.
  Letters<WTinyLfuPolicy> fixed({.limit = 16});
  Letters<WTinyLfuPolicy> adaptive({.limit = 16}, ":adaptive=on");
  for (auto* p : {&fixed, &adaptive}) {
    p->use_all(
        "abcdefghijklmnop");  // eight requests count, the others came before it was half full
    for (int i = 0; i < 8; ++i) p->use_all("abcdefghijklmnop");
    p->use_all("abcdefghijklmnopabcdefgh");  // 160 with these: the window may have two
    p->use_all("qr");
  }
  EXPECT_EQ(fixed.residents(), "abcdefghijklmnor") << "p and q were used no more than i";
  EXPECT_EQ(adaptive.residents(), "abcdefghjklmnoqr") << "i made room for q, and then p lost";
}

TEST(WindowClimber, GoesOnWhileTheHitRatioDoesNotFall) {
  WindowClimber climber(1000, 10);
  const auto sample = [&](int hits) {  // of ten requests for the one object
    for (int i = 0; i < 9; ++i) EXPECT_FALSE(climber.add(i < hits, 1));
    EXPECT_TRUE(climber.add(false, 1));
    return climber.window();
  };
  EXPECT_EQ(climber.window(), 10u);
  EXPECT_EQ(sample(5), 72u);   // 10 + 62.5
  EXPECT_EQ(sample(5), 135u);  // + 62.5
  EXPECT_EQ(sample(5), 196u);  // + 0.98 * 62.5
  EXPECT_EQ(sample(4), 136u);  // - 0.98^2 * 62.5
  EXPECT_EQ(sample(4), 73u);   // - 62.5: the hit ratio had changed by a tenth
  EXPECT_EQ(sample(4), 12u);   // - 0.98 * 62.5
  EXPECT_EQ(sample(4), 1u);    // not below 1
  EXPECT_EQ(sample(3), 59u);   // + 0.98^3 * 62.5
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
std::string usage_error(std::string_view params) {
  try {
    Letters<Policy> p(kThreeEntries, params);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(PolicyParameters, AreChecked) {
  EXPECT_EQ(usage_error<S3FifoPolicy>(":promote=0"),
            "s3fifo:promote: expected 1, 2 or 3 hits, got 0");
  EXPECT_EQ(usage_error<S3FifoPolicy>(":promote=4"),
            "s3fifo:promote: expected 1, 2 or 3 hits, got 4");
  EXPECT_EQ(usage_error<ClockPolicy>(":bits=0"), "test:bits: expected a count from 1 to 8, got 0");
  EXPECT_EQ(usage_error<LruKPolicy>(":k=9"), "test:k: expected a count from 1 to 8, got 9");
  EXPECT_EQ(usage_error<LirsPolicy>(":ghosts=101"),
            "test:ghosts: expected a number from 0 to 100, got 101");
  EXPECT_EQ(usage_error<TtlPolicy>(":ttl=0s"), "ttl:ttl: expected a duration above 0, such as 60s");
}

}  // namespace
}  // namespace cachegauge
