#include "harness/profile/popularity.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "harness/core/random.h"
#include "harness/profile/soon_reused.h"
#include "harness/profile/zipf_fit.h"

namespace cachegauge {
namespace {

// What the law asks for, rounded.
std::vector<uint32_t> zipf_counts(uint32_t keys, double alpha, double most) {
  std::vector<uint32_t> counts;
  counts.reserve(keys);
  for (uint32_t rank = 1; rank <= keys; ++rank) {
    counts.push_back(static_cast<uint32_t>(std::lround(most * std::pow(rank, -alpha))));
  }
  return counts;
}

TEST(ZipfFit, FindsTheLawThatCountsFollow) {
  for (const double alpha : {0.0, 0.6, 1.0, 1.4}) {
    const auto fit = fit_zipf(zipf_counts(20'000, alpha, 4e9));
    ASSERT_TRUE(fit);
    EXPECT_NEAR(fit->alpha, alpha, 0.001);
    EXPECT_LT(fit->ks_distance, 0.001);
  }
}

TEST(ZipfFit, SaysHowFarOffTheLawIs) {
  // Half of the keys have all but a few of the requests: no power of the rank does that.
  std::vector<uint32_t> counts(1000, 1000);
  std::fill(counts.begin() + 500, counts.end(), 1);
  EXPECT_GT(fit_zipf(counts)->ks_distance, 0.15);
}

TEST(ZipfFit, NeedsTenKeys) {
  EXPECT_FALSE(fit_zipf(std::vector<uint32_t>(9, 5)));
  EXPECT_NEAR(fit_zipf(std::vector<uint32_t>(10, 5))->alpha, 0, 1e-9);
}

TEST(Popularity, CountsKeysAskedForOnceAndSharesOfTheHottest) {
  // 200 keys: two with 300 requests, 98 with 3, 100 with one.
  std::vector<uint32_t> requests(200, 1);
  requests[7] = requests[150] = 300;
  for (uint32_t id = 20; id < 118; ++id) requests[id] = 3;
  const double all = 600 + 98 * 3 + 100;
  const Popularity popularity = popularity_of(requests);
  EXPECT_EQ(popularity.one_hit_keys, 100u);
  EXPECT_DOUBLE_EQ(popularity.one_hit_key_share, 0.5);
  EXPECT_DOUBLE_EQ(popularity.one_hit_request_share, 100 / all);
  EXPECT_DOUBLE_EQ(popularity.top_1_percent_share, 600 / all);
  EXPECT_DOUBLE_EQ(popularity.top_10_percent_share, (600 + 18 * 3) / all);
  EXPECT_EQ(hottest_ids(requests), (std::vector<uint32_t>{7, 150, 20, 21, 22, 23, 24, 25, 26, 27}));
}

TEST(Popularity, ManyRequestsAKeyAreSortedToo) {
  std::vector<uint32_t> requests = {5000, 1, 4096, 4095, 100'000, 2};
  const Popularity popularity = popularity_of(requests);
  const double all = 5000 + 1 + 4096 + 4095 + 100'000 + 2;
  EXPECT_DOUBLE_EQ(popularity.top_1_percent_share, 100'000 / all);
  EXPECT_EQ(popularity.one_hit_keys, 1u);
}

struct Gaps {
  Histogram gaps;
  std::vector<uint32_t> requests;
};

Gaps gaps_of(const std::vector<uint32_t>& ids, uint32_t keys) {
  Gaps found{{}, std::vector<uint32_t>(keys)};
  std::vector<int64_t> last(keys, -1);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto at = static_cast<int64_t>(i);
    if (last[ids[i]] >= 0) found.gaps.record(at - last[ids[i]]);
    last[ids[i]] = at;
    ++found.requests[ids[i]];
  }
  return found;
}

TEST(SoonReused, IndependentRequestsComeBackAsOftenAsExpected) {
  SplitMix64 random(7);
  std::vector<uint32_t> ids;
  for (int i = 0; i < 100'000; ++i) {
    ids.push_back(static_cast<uint32_t>(std::min(random.below(5000), random.below(5000))));
  }
  const Gaps found = gaps_of(ids, 5000);
  const auto soon = soon_reused(found.gaps, found.requests);
  ASSERT_TRUE(soon);
  EXPECT_EQ(soon->within, 63u);
  EXPECT_NEAR(static_cast<double>(soon->observed) / soon->expected, 1, 0.1);
}

TEST(SoonReused, BelowACacheNothingComesBackSoon) {
  SplitMix64 random(7);
  std::vector<uint32_t> ids;
  std::vector<int64_t> last(5000, -1000);
  while (ids.size() < 100'000) {  // those that were not asked for within the last 500
    const auto id = static_cast<uint32_t>(random.below(5000));
    const auto now = static_cast<int64_t>(ids.size());
    if (now - last[id] < 500) continue;
    last[id] = now;
    ids.push_back(id);
  }
  const Gaps found = gaps_of(ids, 5000);
  const auto soon = soon_reused(found.gaps, found.requests);
  ASSERT_TRUE(soon);
  EXPECT_LT(soon->within, 500u);
  EXPECT_GE(soon->expected, 1000);
  EXPECT_EQ(soon->observed, 0u);
}

TEST(SoonReused, TooFewRequestsSayNothing) {
  EXPECT_FALSE(soon_reused({}, {}));
  EXPECT_FALSE(soon_reused({}, {2, 2, 1}));
}

}  // namespace
}  // namespace cachegauge
