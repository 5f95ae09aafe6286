#include "harness/simulate/suffix_sums.h"

#include <gtest/gtest.h>

#include <numeric>

#include "harness/core/random.h"
#include "harness/simulate/suffix_counts.h"

namespace cachegauge {
namespace {

uint64_t naive_from(const std::vector<uint64_t>& entries, size_t at) {
  return std::accumulate(entries.begin() + static_cast<std::ptrdiff_t>(at), entries.end(),
                         uint64_t{0});
}

TEST(SuffixSums, EqualASumOverTheRest) {
  for (const size_t size : {1, 16, 17, 300, 5000}) {
    SuffixSums<uint64_t> sums(size);
    std::vector<uint64_t> entries(size);
    SplitMix64 random(size);
    for (int i = 0; i < 500; ++i) {
      const size_t at = random.below(size);
      const uint64_t value = random.below(1'000'000'000'000);
      sums.add(at, value - entries[at]);
      entries[at] = value;
      const size_t asked = random.below(size);
      ASSERT_EQ(sums.from(asked), naive_from(entries, asked));
      ASSERT_EQ(sums[asked], entries[asked]);
    }
    SuffixSums<uint64_t> other(size);
    other.add(0, 7);
    other.assign(entries);
    for (size_t at = 0; at < size; ++at) ASSERT_EQ(other.from(at), naive_from(entries, at));
  }
}

void expect_equal(const SuffixCounts& counts, const std::vector<uint64_t>& full) {
  for (size_t at = 0; at < full.size(); ++at) {
    ASSERT_EQ(counts.from(at), naive_from(full, at));
    ASSERT_EQ(counts[at], full[at]);
  }
  std::vector<uint64_t> visited(full.size());
  counts.for_each([&](size_t at, uint64_t weight) { visited[at] += weight; });
  EXPECT_EQ(visited, full);
}

TEST(SuffixCounts, EqualACountOverTheRest) {
  for (const size_t size : {1, 63, 64, 65, 3000}) {
    SuffixCounts counts(size);
    std::vector<uint64_t> full;
    SplitMix64 random(size);
    for (size_t at = 0; at < size; ++at) {
      counts.append(at, 1);
      full.push_back(1);
      const size_t taken = random.below(at + 1);
      if (full[taken] == 1) counts.take(taken, 1);
      full[taken] = 0;
      const size_t asked = random.below(at + 1);
      ASSERT_EQ(counts.from(asked), naive_from(full, asked));
    }
    expect_equal(counts, full);
    const size_t left = size / 2;
    counts.assign(std::vector<SuffixCounts::Entry>(left, 1));
    expect_equal(counts, std::vector<uint64_t>(left, 1));
    if (left == 0) continue;
    counts.take(left - 1, 1);
    counts.append(left, 1);
    EXPECT_EQ(counts.from(0), left);
    EXPECT_EQ(counts.from(left - 1), 1u);
  }
}

// Every level of the tree: two places in three are emptied, from either end.
TEST(SuffixCounts, EqualACountOverTheRestOfMillions) {
  constexpr size_t kSize = 3 * 400'000;
  SuffixCounts counts(kSize);
  for (size_t at = 0; at < kSize; ++at) counts.append(at, 1);
  for (size_t at = 0; at < kSize; at += 3) counts.take(at, 1);
  for (size_t at = kSize - 2; at < kSize; at -= 3) counts.take(at, 1);
  for (size_t at = 0; at < kSize; at += 997) {
    ASSERT_EQ(counts.from(at), (kSize - at + at % 3) / 3) << at;
  }
}

}  // namespace
}  // namespace cachegauge
