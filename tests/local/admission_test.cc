// Admission filters before a policy, each on a sequence that can be followed by hand, and what they
// refuse.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "adapters/local/cache.h"
#include "adapters/local/policies/admission/adaptsize_filter.h"
#include "adapters/local/policies/admission/adaptsize_model.h"
#include "adapters/local/policies/admission/bloom_filter.h"
#include "adapters/local/policies/admission/probability_filter.h"
#include "adapters/local/policies/lru.h"
#include "harness/core/error.h"
#include "harness/core/random.h"
#include "tests/core/expect_error.h"

namespace cachegauge {
namespace {

// An LRU cache whose keys are letters.
class LetterCache {
 public:
  explicit LetterCache(std::string_view params, PolicyCapacity capacity = {.limit = 10})
      : spec_(Spec::parse("lru:" + std::string(params))), cache_({capacity, spec_}) {}

  // A get that fills on a miss: 'h' for a hit, 'f' for a miss that was filled, '-' for one that was
  // turned away.
  char use(char letter, size_t value_size = 1, int64_t now_ns = 0, int64_t ttl_ns = 0) {
    const HashedKey key{{&letter, 1}, hash_integer_key(static_cast<uint64_t>(letter))};
    if (cache_.get(key, now_ns)) return 'h';
    const std::string value(value_size, 'v');
    return cache_.set(key, value, ttl_ns, now_ns) == Outcome::kStored ? 'f' : '-';
  }
  std::string use_all(std::string_view letters) {
    std::string answers;
    for (const char letter : letters) answers += use(letter);
    return answers;
  }

  CacheStats stats() const { return cache_.stats(); }

 private:
  Spec spec_;
  LocalCache<LruPolicy> cache_;
};

TEST(SizeFilterGolden, LetsInKeyAndValueUpToTheThreshold) {
  LetterCache cache("admission=size,admission.max=10B");
  EXPECT_EQ(cache.use('a', 9), 'f');
  EXPECT_EQ(cache.use('b', 10), '-');
  EXPECT_EQ(cache.use('b', 10), '-');
  EXPECT_EQ(cache.use('a'), 'h');
  EXPECT_EQ(cache.stats().not_admitted, 2u);
}

TEST(SizeFilter, AHeldObjectIsNotAskedAgainWhenItGrows) {
  const Spec spec = Spec::parse("lru:admission=size,admission.max=10B");
  LocalCache<LruPolicy> cache({{.limit = 10}, spec});
  const HashedKey key{"a", 1};
  EXPECT_EQ(cache.set(key, "123", 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.set(key, "a value of 22 bytes ..", 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.erase(key, 0), Outcome::kDeleted);
  EXPECT_EQ(cache.add(key, "a value of 22 bytes ..", 0, 0), Outcome::kNotStored);
  EXPECT_EQ(cache.stats().not_admitted, 1u);
}

TEST(SizeFilter, AnObjectThatOutgrowsTheCacheGoesOnAsAnAbsentOne) {
  const Spec spec = Spec::parse("lru:admission=size,admission.max=50B");
  LocalCache<LruPolicy> cache({{.limit = 100, .in_bytes = true}, spec});
  EXPECT_EQ(cache.set({"a", 1}, std::string(20, 'v'), 0, 0), Outcome::kStored);
  EXPECT_EQ(cache.set({"a", 1}, std::string(200, 'v'), 0, 0), Outcome::kNotStored);
  EXPECT_EQ(cache.stats().evictions, 1u);
  EXPECT_EQ(cache.stats().not_admitted, 1u);
}

TEST(ProbabilityFilterGolden, LetsInByTheDrawsOfItsSeed) {
  EXPECT_EQ(LetterCache("admission=probability,admission.p=0").use_all("aba"), "---");
  EXPECT_EQ(LetterCache("admission=probability,admission.p=1").use_all("aba"), "ffh");
  SplitMix64 draws = admission_draws(42);
  LetterCache cache("admission=probability,admission.p=0.3");
  std::string expected;
  for (int i = 0; i < 10; ++i) expected += draws.uniform() < 0.3 ? 'f' : '-';
  EXPECT_EQ(cache.use_all("abcdefghij"), expected);
}

TEST(ProbabilityFilterGolden, OfSizeCOneInEIsLetIn) {
  const Spec spec = Spec::parse("probability:c=1KiB");
  ProbabilityFilter filter({spec, {.limit = 10}});
  const auto share = [&](uint64_t size_bytes) {
    int admitted = 0;
    for (int i = 0; i < 10'000; ++i) admitted += filter.admits({.size_bytes = size_bytes}, kNoSlot);
    return admitted / 10'000.0;
  };
  EXPECT_EQ(share(0), 1);
  EXPECT_NEAR(share(1024), std::exp(-1), 0.02);
  EXPECT_NEAR(share(2048), std::exp(-2), 0.02);
  EXPECT_EQ(share(1 << 20), 0);
}

TEST(DoorkeeperGolden, LetsInTheSecondMissWithinTheWindow) {
  EXPECT_EQ(LetterCache("admission=bloom,admission.window=10").use_all("aabaabb"), "-f-hhfh");
  // This window, and the last: a b | c a | b c
  EXPECT_EQ(LetterCache("admission=bloom,admission.window=2").use_all("abcabc"), "---f-f");
}

TEST(DoorkeeperGolden, AnEvictedObjectIsStillKnown) {
  LetterCache cache("admission=bloom,admission.window=10", {.limit = 1});
  EXPECT_EQ(cache.use_all("aabbab"), "-f-fff");
}

TEST(BloomFilter, HoldsWhatWasAddedAndFewOthers) {
  BloomFilter filter(5000);
  for (uint64_t key = 0; key < 5000; ++key) filter.add(hash_integer_key(key));
  int others = 0;
  for (uint64_t key = 0; key < 5000; ++key) EXPECT_TRUE(filter.contains(hash_integer_key(key)));
  for (uint64_t key = 5000; key < 55'000; ++key) others += filter.contains(hash_integer_key(key));
  EXPECT_LT(others, 500) << "of 50,000: one in a hundred";
  EXPECT_LE(filter.bytes(), 5000 * 12 / 8 + 64u);
}

TEST(TinyLfuGolden, LetsInWhatWasUsedMoreOftenThanTheVictim) {
  LetterCache cache("admission=tinylfu", {.limit = 2});
  EXPECT_EQ(cache.use_all("ab"), "ff");      // there is room
  EXPECT_EQ(cache.use_all("aa"), "hh");      // a 3, b 1; b is the victim
  EXPECT_EQ(cache.use_all("cc"), "-f");      // 1 is not more than b's 1, 2 is; a is the victim
  EXPECT_EQ(cache.use_all("dddd"), "---f");  // 4 is more than a's 3
  EXPECT_EQ(cache.use_all("cd"), "hh");
  EXPECT_EQ(cache.stats().not_admitted, 4u);
}

TEST(TinyLfu, AnExpiredVictimIsNoRival) {
  LetterCache cache("admission=tinylfu", {.limit = 1});
  EXPECT_EQ(cache.use('a', 1, 0, 100), 'f');
  EXPECT_EQ(cache.use('a', 1, 1), 'h');
  EXPECT_EQ(cache.use('b', 1, 99), '-');
  EXPECT_EQ(cache.use('c', 1, 100), 'f');
}

// As the paper writes it down; T by halving an interval.
double naive_hit_ratio(const std::vector<ObjectClass>& classes, double capacity, double c) {
  const auto found = [&](const ObjectClass& one, double time) {
    const double odds = std::exp(-one.size_bytes / c) * (std::exp(one.rate * time) - 1);
    return odds / (1 + odds);
  };
  double low = 0, high = 100;
  for (int i = 0; i < 200; ++i) {
    const double time = (low + high) / 2;
    double occupied = 0;
    for (const ObjectClass& one : classes) occupied += one.objects * one.charge * found(one, time);
    (occupied < capacity ? low : high) = time;
  }
  double hits = 0, requests = 0;
  for (const ObjectClass& one : classes) {
    hits += one.objects * one.rate * found(one, low);
    requests += one.objects * one.rate;
  }
  return hits / requests;
}

TEST(AdaptSizeModelGolden, ObjectsAllAlikeAreFoundAsOftenAsTheyHaveRoom) {
  for (const double c : {20.0, 100.0, 1e9}) {
    EXPECT_NEAR(modelled_hit_ratio(std::vector<ObjectClass>{{10, 3, 100, 1}}, 5, c), 0.5, 1e-3);
    EXPECT_EQ(modelled_hit_ratio(std::vector<ObjectClass>{{10, 3, 100, 1}}, 10, c), 1);
  }
}

TEST(AdaptSizeModel, AgreesWithThePapersFormula) {
  const std::vector<ObjectClass> classes = {
      {100, 2, 50, 106}, {40, 0.5, 300, 356}, {10, 5, 900, 956}, {200, 0.1, 2000, 2056}};
  for (const double capacity : {3000.0, 20'000.0, 100'000.0}) {
    for (const double c : {200.0, 1000.0, 30'000.0}) {
      EXPECT_NEAR(modelled_hit_ratio(classes, capacity, c), naive_hit_ratio(classes, capacity, c),
                  1e-3)
          << capacity << " bytes, c " << c;
    }
    const double best = best_size_scale(classes, capacity);
    for (double c = 10; c < 1e6; c *= 1.1) {
      EXPECT_GE(modelled_hit_ratio(classes, capacity, best) + 5e-3,
                modelled_hit_ratio(classes, capacity, c))
          << capacity << " bytes, " << best << " beside " << c;
    }
  }
}

TEST(AdaptSizeGolden, KeepsOutWhatWouldPushOutManySmallObjects) {
  const Spec spec = Spec::parse("adaptsize:window=100");
  const PolicyCapacity capacity = {.limit = 1500, .in_bytes = true};
  AdaptSizeFilter filter({spec, capacity});
  const auto use = [&](uint64_t key, uint64_t size) {
    return filter.admits({.key_hash = key, .size_bytes = size, .charge = size}, kNoSlot);
  };
  // Nine small objects, ten uses each, fit together; ten large ones are used once and do not.
  for (uint64_t i = 0; i < 99; ++i)
    EXPECT_TRUE(i % 10 == 9 ? use(100 + i, 1400) : use(i % 10, 100));
  EXPECT_FALSE(filter.c().has_value());
  use(999, 1400);
  ASSERT_TRUE(filter.c().has_value());
  EXPECT_GT(size_probability(100, *filter.c()), 10 * size_probability(1400, *filter.c()));
}

TEST(AdaptSizeGolden, EarlierWindowsKeepThreeTenthsOfTheirWeight) {
  const Spec spec = Spec::parse("adaptsize:window=100");
  const PolicyCapacity capacity = {.limit = 5000, .in_bytes = true};
  AdaptSizeFilter filter({spec, capacity});
  const auto use = [&](uint64_t key, uint64_t size) {
    filter.hit({.key_hash = key, .size_bytes = size, .charge = size});
  };
  for (uint64_t i = 0; i < 100; ++i) i < 50 ? use(i % 5, 100) : use(100 + i % 25, 2000);
  EXPECT_EQ(
      filter.c(),
      best_size_scale(std::vector<ObjectClass>{{5, 7, 100, 100}, {25, 1.4, 2000, 2000}}, 5000));
  for (uint64_t i = 0; i < 100; ++i) use(1000 + i % 10, 500);
  EXPECT_EQ(filter.c(), best_size_scale(
                            std::vector<ObjectClass>{
                                {5, 2.1, 100, 100}, {10, 7, 500, 500}, {25, 0.42, 2000, 2000}},
                            5000));
}

void make_cache(const std::string& text, PolicyCapacity capacity = {.limit = 10}) {
  const Spec spec = Spec::parse(text);
  make_admission({capacity, spec});
}

TEST(Admission, WhatIsRefusedSaysWhatToWrite) {
  EXPECT_ERROR(kUsage,
               "unknown admission \"tinylfo\"; did you mean tinylfu? Valid: size, probability, "
               "bloom, tinylfu, adaptsize",
               make_cache("lru:admission=tinylfo"), 0);
  EXPECT_ERROR(kUsage,
               "lru: admission.p= is a parameter of a filter: say which, such as "
               "lru:admission=tinylfu",
               make_cache("lru:admission.p=0.1"), 0);
  EXPECT_ERROR(
      kUsage,
      "admission=size needs the size of the largest object to let in: say admission.max=64KiB",
      make_cache("lru:admission=size"), 0);
  EXPECT_ERROR(kUsage,
               "size:max: expected a size such as 64MiB, got \"64kb\" (units: B KiB MiB GiB)",
               make_cache("lru:admission=size,admission.max=64kb"), 0);
  EXPECT_ERROR(kUsage, "probability:p: expected a number from 0 to 1, got 1.5",
               make_cache("lru:admission=probability,admission.p=1.5"), 0);
  EXPECT_ERROR(kUsage,
               "admission=probability takes admission.p=, the same for all, or admission.c=, by "
               "size; both are given",
               make_cache("lru:admission=probability,admission.p=1,admission.c=1KiB"), 0);
  EXPECT_ERROR(kUsage, "probability:c: expected a size above 0, such as 64KiB",
               make_cache("lru:admission=probability,admission.c=0"), 0);
  EXPECT_ERROR(kUsage, "unknown parameter of bloom \"windw\"; did you mean window? Valid: window",
               make_cache("lru:admission=bloom,admission.windw=1"), 0);
  EXPECT_ERROR(kUsage, "bloom:window: expected a count from 1 to 4294967296, got 0",
               make_cache("lru:admission=bloom,admission.window=0"), 0);
  EXPECT_ERROR(kUsage, "adaptsize:window: expected a count from 100 to 100000000, got 99",
               make_cache("lru:admission=adaptsize,admission.window=99"), 0);
  EXPECT_ERROR(kUsage, "admission=adaptsize is tuned to a capacity, and this cache has no limit",
               make_cache("unbounded:admission=adaptsize", {}), 0);
}

TEST(Admission, WithoutAFilterThereIsNone) {
  const Spec spec = Spec::parse("lru:entries=10");
  EXPECT_EQ(make_admission({{.limit = 10}, spec}), nullptr);
}

TEST(Admission, RowsHaveNameSummaryAndSource) {
  for (const AdmissionKind& kind : admission_kinds()) {
    EXPECT_FALSE(kind.summary.empty()) << kind.name;
    EXPECT_FALSE(kind.paper.empty()) << kind.name;
  }
}

}  // namespace
}  // namespace cachegauge
