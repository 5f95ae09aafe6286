#include "harness/simulate/suffix_sums.h"

#include <gtest/gtest.h>

#include <numeric>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

uint64_t naive_after(const std::vector<uint64_t>& entries, size_t at) {
  return std::accumulate(entries.begin() + static_cast<std::ptrdiff_t>(at) + 1, entries.end(),
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
      ASSERT_EQ(sums.after(asked), naive_after(entries, asked));
      ASSERT_EQ(sums[asked], entries[asked]);
    }
    SuffixSums<uint64_t> other(size);
    other.add(0, 7);
    other.assign(entries);
    for (size_t at = 0; at < size; ++at) ASSERT_EQ(other.after(at), naive_after(entries, at));
  }
}

TEST(SuffixCounts, EqualACountOverTheRest) {
  for (const size_t size : {1, 63, 64, 65, 3000}) {
    SuffixCounts counts(size);
    std::vector<uint64_t> entries(size);
    SplitMix64 random(size);
    for (int i = 0; i < 500; ++i) {
      const size_t at = random.below(size);
      counts.add(at, 1 - 2 * entries[at]);
      entries[at] ^= 1;
      const size_t asked = random.below(size);
      ASSERT_EQ(counts.after(asked), naive_after(entries, asked));
      ASSERT_EQ(counts[asked], entries[asked]);
    }
    SuffixCounts other(size);
    other.add(0, 1);
    other.assign(entries);
    for (size_t at = 0; at < size; ++at) ASSERT_EQ(other.after(at), naive_after(entries, at));
  }
}

}  // namespace
}  // namespace cachegauge
