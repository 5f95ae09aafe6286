#include "harness/core/hit_history.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

#include "harness/core/random.h"
#include "tests/support/sanitized.h"

namespace cachegauge {
namespace {

// Keys drawn by Zipf's law, by inversion of the cumulated weights.
class ZipfKeys {
 public:
  ZipfKeys(size_t keys, double alpha) : cumulated_(keys) {
    double sum = 0;
    for (size_t i = 0; i < keys; ++i) {
      cumulated_[i] = sum += std::pow(static_cast<double>(i + 1), -alpha);
    }
  }
  uint32_t draw(SplitMix64& random) const {
    const double at = static_cast<double>(random.next() >> 11) * 0x1p-53 * cumulated_.back();
    return static_cast<uint32_t>(std::lower_bound(cumulated_.begin(), cumulated_.end(), at) -
                                 cumulated_.begin());
  }

 private:
  std::vector<double> cumulated_;
};

class Lru {
 public:
  explicit Lru(size_t entries) : entries_(entries) {}
  bool get(uint32_t key) {
    if (const auto at = places_.find(key); at != places_.end()) {
      order_.splice(order_.begin(), order_, at->second);
      return true;
    }
    if (places_.size() == entries_) {
      places_.erase(order_.back());
      order_.pop_back();
    }
    order_.push_front(key);
    places_[key] = order_.begin();
    return false;
  }

 private:
  size_t entries_;
  std::list<uint32_t> order_;
  std::unordered_map<uint32_t, std::list<uint32_t>::iterator> places_;
};

// As a client does it: the history of `requests` after `warmup`.
HitHistory history_of(uint64_t warmup, uint64_t requests, const std::function<bool()>& hit) {
  for (uint64_t i = 0; i < warmup; ++i) hit();
  HitHistory history(warmup);
  for (uint64_t i = 0; i < requests; ++i) {
    history.add(warmup + i, {.gets = 1, .hits = hit() ? 1u : 0u});
  }
  return history;
}

TEST(Trend, MannKendallAndTheilSenByHand) {
  // Of the ten pairs 9 rise and 1 falls: S = 8, less 1; the variance is 5*4*15/18.
  const std::vector<double> rising = {1, 3, 2, 4, 5};
  const Trend trend = find_trend(rising);
  EXPECT_NEAR(trend.z, 7 / std::sqrt(300.0 / 18), 1e-12);
  EXPECT_DOUBLE_EQ(trend.slope, 1);
  // With ties: S = 2, and the three equal ones take 3*2*11 off.
  const Trend tied = find_trend(std::vector<double>{1, 1, 1, 2});
  EXPECT_NEAR(tied.z, 2 / std::sqrt((4 * 3 * 13 - 3 * 2 * 11) / 18.0), 1e-12);
  EXPECT_DOUBLE_EQ(tied.slope, 1.0 / 6);
  const Trend flat = find_trend(std::vector<double>{3, 3, 3});
  EXPECT_EQ(flat.z, 0);
  EXPECT_EQ(flat.slope, 0);
  const Trend falling = find_trend(std::vector<double>{5, 4, 2, 3, 1});
  EXPECT_NEAR(falling.z, -trend.z, 1e-12);
}

TEST(HitHistory, SegmentsDoubleAndAddUp) {
  HitHistory history(1000);
  EXPECT_EQ(history.segment_end(1000), 1256u);
  EXPECT_EQ(history.segment_end(1256), 1512u);
  for (uint64_t i = 0; i < 1'000'000; ++i) history.add(1000 + i, {.gets = 1, .hits = i % 2});
  EXPECT_LE(history.segments().size(), HitHistory::kMaxSegments);
  EXPECT_GT(history.segments().size(), HitHistory::kMaxSegments / 2);
  HitCounts sum;
  for (const HitCounts& segment : history.segments()) sum += segment;
  EXPECT_EQ(sum, (HitCounts{.gets = 1'000'000, .hits = 500'000}));
  EXPECT_EQ(history.end(), 1'001'000u);
}

TEST(HitHistory, ThreadsThatStoppedAtDifferentPlacesAreComparedWhereBothWere) {
  HitHistory fast(0), slow(0);
  for (uint64_t i = 0; i < 100'000; ++i) {
    if (i % 2) fast.add(i, {.gets = 1, .hits = 1});
    if (i % 2 == 0 && i < 40'000) slow.add(i, {.gets = 1, .hits = 0});
  }
  for (bool fast_first : {true, false}) {
    HitHistory merged = fast_first ? fast : slow;
    merged.merge(fast_first ? slow : fast);
    EXPECT_EQ(merged.end(), 39'999u);
    EXPECT_FALSE(still_warming(merged)) << "the mixture changed, not the cache";
  }
  HitHistory alone;
  alone.merge(fast);
  alone.merge(HitHistory(0));  // a thread without a request of its own
  EXPECT_EQ(alone, fast);
}

TEST(StillWarming, ASteadyHitRatioIsPracticallyNeverFlagged) {
  int flagged = 0;
  constexpr int kRuns = 1500;
  for (int seed = 1; seed <= kRuns; ++seed) {
    SplitMix64 random(static_cast<uint64_t>(seed));
    const uint64_t threshold = random.next();  // any hit ratio
    const uint64_t requests = 8192 + random.below(30'000);
    flagged += still_warming(history_of(0, requests, [&] { return random.next() < threshold; }));
  }
  EXPECT_LE(flagged, kRuns / 200);
}

TEST(StillWarming, AFullCacheOnZipfIsPracticallyNeverFlaggedAndAFillingOneIs) {
  constexpr size_t kKeys = 20'000;
  int full_flagged = 0, filling_flagged = 0;
  constexpr int kRuns = kSanitized ? 20 : 120;
  const ZipfKeys flat(kKeys, 0.7), steep(kKeys, 1.0);
  for (int seed = 1; seed <= kRuns; ++seed) {
    SplitMix64 random(static_cast<uint64_t>(seed));
    const ZipfKeys& keys = seed % 2 ? flat : steep;
    Lru full(kKeys / 10);
    full_flagged +=
        still_warming(history_of(10'000, 20'000, [&] { return full.get(keys.draw(random)); }));
    Lru filling(kKeys);
    filling_flagged +=
        still_warming(history_of(0, 50'000, [&] { return filling.get(keys.draw(random)); }));
  }
  EXPECT_LE(full_flagged, kRuns / 100);
  EXPECT_GE(filling_flagged, kRuns * 95 / 100);
}

TEST(StillWarming, AFallingHitRatioIsFlaggedToo) {
  SplitMix64 random(1);
  uint64_t i = 0;
  EXPECT_TRUE(still_warming(
      history_of(0, 50'000, [&] { return random.below(100'000) > 20'000 + i++ / 2; })));
}

TEST(StillWarming, WhatMovesTheRatioByLessThanAPointIsNotFlagged) {
  uint64_t i = 0;
  double hits = 0;
  // Without noise, so that the trend is as significant as can be: 0.5 points over the second half.
  auto hit = [&] {
    const double before = hits;
    hits += 0.5 + 0.01 * static_cast<double>(i++) / 1'000'000;
    return std::floor(hits) > std::floor(before);
  };
  EXPECT_FALSE(still_warming(history_of(0, 1'000'000, hit)));
}

TEST(StillWarming, TooFewToTell) {
  uint64_t i = 0;
  EXPECT_FALSE(still_warming(HitHistory()));
  EXPECT_FALSE(still_warming(history_of(0, 8191, [&] { return i++ % 8192 > 4096; })));
  HitHistory few_gets(0);
  for (uint64_t place = 0; place < 1'000'000; place += 2000) {
    few_gets.add(place, {.gets = 1, .hits = place > 600'000});
  }
  EXPECT_FALSE(still_warming(few_gets));
}

}  // namespace
}  // namespace cachegauge
