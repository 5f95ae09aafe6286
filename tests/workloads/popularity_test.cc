// Which keys generators ask for, against the distributions that they state. Seeds are fixed, so a
// bound that holds once holds always: deviations are below 4, as they are 15,999 times in 16,000.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/workloads/goodness_of_fit.h"
#include "tests/workloads/support.h"
#include "workloads/generators/zipf_rejection.h"

namespace cachegauge::testing {
namespace {

std::vector<uint64_t> keys(std::string_view spec) {
  std::vector<uint64_t> keys;
  std::vector<Request> batch(1000);
  const auto source = make(spec)->open();
  while (const size_t count = source->read(batch)) {
    for (size_t i = 0; i < count; ++i) keys.push_back(batch[i].integer_key);
  }
  return keys;
}

std::vector<double> counts_of(const std::vector<uint64_t>& keys, size_t cells) {
  std::vector<double> counts(cells);
  for (const uint64_t key : keys) ++counts.at(key - 1);
  return counts;
}

std::vector<double> zipf_expected(size_t keys, double alpha, double requests) {
  std::vector<double> expected(keys);
  for (size_t k = 0; k < keys; ++k) expected[k] = std::pow(static_cast<double>(k + 1), -alpha);
  const double total = std::accumulate(expected.begin(), expected.end(), 0.0);
  for (double& value : expected) value *= requests / total;
  return expected;
}

TEST(Popularity, RejectionInversionIsZipfsLaw) {
  for (const double alpha : {0.0, 0.5, 0.99, 1.0, 1.01, 2.0, 3.5}) {
    for (const uint64_t n : {1, 2, 3, 1000}) {
      const ZipfRejection zipf(n, alpha);
      SplitMix64 random(7);
      std::vector<double> counts(n);
      for (int i = 0; i < 200'000; ++i) ++counts.at(zipf.rank(random) - 1);
      if (n == 1) continue;
      EXPECT_LT(std::abs(chi_square_deviation(counts, zipf_expected(n, alpha, 200'000))), 4)
          << n << " keys, alpha " << alpha;
    }
  }
}

TEST(Popularity, RejectionInversionTakesHugeKeySpaces) {
  for (const double alpha : {0.0, 0.8, 1.0, 1.5, 10.0}) {
    const ZipfRejection zipf(ZipfRejection::kMostKeys, alpha);
    SplitMix64 random(7);
    uint64_t largest = 0;
    for (int i = 0; i < 100'000; ++i) {
      const uint64_t rank = zipf.rank(random);
      ASSERT_GE(rank, 1u);
      ASSERT_LE(rank, ZipfRejection::kMostKeys);
      largest = std::max(largest, rank);
    }
    if (alpha <= 1) {
      EXPECT_GT(largest, ZipfRejection::kMostKeys / 2);
    }
  }
}

// Ranks 1 to 50 and the rest, of 2^24 + 1 keys: above the table.
TEST(Popularity, ZipfAboveTheTableIsZipfsLaw) {
  const size_t n = (1 << 24) + 1;
  std::vector<double> expected = zipf_expected(n, 1.0, 200'000);
  std::vector<double> counts(51);
  for (const uint64_t key : keys("zipf:requests=200k,keys=16777217")) {
    ++counts[std::min<uint64_t>(key - 1, 50)];
  }
  expected[50] = std::accumulate(expected.begin() + 50, expected.end(), 0.0);
  expected.resize(51);
  EXPECT_LT(std::abs(chi_square_deviation(counts, expected)), 4);
}

TEST(Popularity, HotspotSharesAreAsStated) {
  std::vector<double> expected(100, 200'000 * 0.3 / 90);
  std::fill_n(expected.begin(), 10, 200'000 * 0.7 / 10);
  const auto counts =
      counts_of(keys("hotspot:keys=100,requests=200k,hot-keys=10%,hot-requests=70%"), 100);
  EXPECT_LT(std::abs(chi_square_deviation(counts, expected)), 4);
  for (const uint64_t key : keys("hotspot:keys=3,requests=100,hot-keys=100%")) EXPECT_LE(key, 3u);
}

TEST(Popularity, GaussianIsNormalCutToTheKeySpace) {
  const auto normal = [](double x) { return 0.5 * std::erfc(-(x - 0.2) / 0.1 / std::sqrt(2.0)); };
  std::vector<double> expected(100);
  for (int i = 0; i < 100; ++i) {
    expected[i] = (normal((i + 1) / 100.0) - normal(i / 100.0)) * 200'000 / (normal(1) - normal(0));
  }
  const auto counts = counts_of(keys("gaussian:keys=100,requests=200k,mean=20%,sigma=10%"), 100);
  EXPECT_LT(std::abs(chi_square_deviation(counts, expected)), 4);
}

TEST(Popularity, LatestAsksByAgeOverAGrowingKeySpace) {
  uint64_t newest = 1000;
  double fresh = 0;
  std::vector<double> ages(1000);
  for (const uint64_t key : keys("latest:keys=1k,requests=200k,fresh=5%,alpha=0.99")) {
    ASSERT_LE(key, newest + 1);
    if (key == newest + 1) {
      ++fresh;
      ++newest;
    } else {
      ++ages.at(newest - key);
    }
  }
  EXPECT_NEAR(fresh, 10'000, 4 * std::sqrt(200'000 * 0.05 * 0.95));
  EXPECT_LT(std::abs(chi_square_deviation(ages, zipf_expected(1000, 0.99, 200'000 - fresh))), 4);
}

TEST(Popularity, ShiftingIsZipfThatMoves) {
  const auto moving = keys("shifting:keys=1k,requests=300k,every=100k,shift=50%");
  const auto still = keys("zipf:keys=1k,requests=300k");
  ASSERT_EQ(moving.size(), still.size());
  EXPECT_TRUE(std::equal(moving.begin(), moving.begin() + 100'000, still.begin()));
  for (int part = 1; part < 3; ++part) {
    // Within a part each rank has one key, and no two ranks the same.
    std::vector<uint64_t> key_of(1001), rank_of(1001);
    size_t moved = 0;
    for (size_t i = part * 100'000; i < (part + 1) * 100'000u; ++i) {
      uint64_t& key = key_of[still[i]];
      if (key == 0) {
        key = moving[i];
        ASSERT_EQ(rank_of[key], 0u);
        rank_of[key] = still[i];
        moved += key != still[i];
      }
      ASSERT_EQ(key, moving[i]);
    }
    // 250 pairs of 1000 ranks move about 1 - e^-0.5 of them, twice 1 - e^-1.
    EXPECT_NEAR(static_cast<double>(moved), part == 1 ? 393 : 632, 60);
  }
}

TEST(Popularity, ScansAreRunsAndHaveTheirShare) {
  const auto mixed = keys("scan-mix:keys=100k,requests=1M,scans=30%,length=500");
  const auto zipf = keys("zipf:keys=100k,requests=1M");
  size_t scanned = 0, runs = 0;
  for (size_t i = 0; i < mixed.size();) {
    if (mixed[i] == zipf[i]) {
      ++i;
      continue;
    }
    const size_t end = std::min(i + 500, mixed.size());
    for (size_t j = i + 1; j < end; ++j) ASSERT_EQ(mixed[j], mixed[j - 1] % 100'000 + 1);
    scanned += end - i;
    i = end;
    ++runs;
  }
  // About 600 runs, whose number varies by 70% of its root.
  EXPECT_NEAR(static_cast<double>(scanned), 300'000, 4 * 0.7 * std::sqrt(600) * 500);
  EXPECT_NEAR(static_cast<double>(runs), 600, 70);
}

TEST(Popularity, EtcIsZipfWithItsSizesAndMix) {
  const auto workload = make("etc:keys=1k,requests=10k");
  EXPECT_EQ(workload->spec().kind(), "etc");
  EXPECT_TRUE(workload->traits().has_sets);
  EXPECT_EQ(keys("etc:keys=1k,requests=10k"), keys("zipf:keys=1k,requests=10k"));
  EXPECT_EQ(read_all(workload->spec().text()), read_all(*workload));
}

TEST(Popularity, BadParametersAreNamed) {
  EXPECT_EQ(error_of("hotspot:hot-keys=0%"), "hotspot:hot-keys: expected a share above 0%, got 0%");
  EXPECT_EQ(error_of("scan-mix:scans=100%"),
            "scan-mix:scans: expected a share above 0% and below 100%, got 100%");
  EXPECT_EQ(error_of("scan-mix:length=0"), "scan-mix:length: expected at least 1");
  EXPECT_EQ(error_of("shifting:every=0"), "shifting:every: expected at least 1");
  EXPECT_EQ(error_of("shifting:keys=20M"),
            "shifting:keys: at most 16,777,216 keys, got 20,000,000");
  EXPECT_EQ(
      error_of("latest:keys=9,key=1"),
      "latest:key: expected a key size of at least 7 bytes (the digits of key 1000009), got 1");
}

}  // namespace
}  // namespace cachegauge::testing
