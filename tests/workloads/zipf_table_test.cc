#include "workloads/generators/zipf_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace cachegauge {
namespace {

// The definition, written down anew: reference/simulators.md.
class NaiveZipf {
 public:
  NaiveZipf(uint64_t keys, double alpha) {
    double sum = 0;
    for (uint64_t k = 1; k <= keys; ++k) {
      sum += std::pow(static_cast<double>(k), -alpha);
      cumulative_.push_back(sum);
    }
    for (double& value : cumulative_) value /= sum;
    cumulative_.back() = 1;
  }
  uint64_t rank(double u) const {
    return static_cast<uint64_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), u) -
                                 cumulative_.begin()) +
           1;
  }
  const std::vector<double>& cumulative() const { return cumulative_; }

 private:
  std::vector<double> cumulative_;
};

TEST(ZipfTable, EqualsABinarySearchOverTheSums) {
  struct Case {
    uint64_t keys;
    double alpha;
  };
  for (const Case& c : std::initializer_list<Case>{{1, 1.0},
                                                   {2, 1.0},
                                                   {3, 0.0},
                                                   {1000, 0.7},
                                                   {1024, 1.0},
                                                   {1025, 1.2},
                                                   {5000, 2.5},
                                                   {100'000, 1.0},
                                                   {200'000, 0.5},
                                                   {100'000, 3.0}}) {
    const ZipfTable table(c.keys, c.alpha);
    const NaiveZipf naive(c.keys, c.alpha);
    SplitMix64 random(7);
    for (int i = 0; i < 5000; ++i) {
      const double u = random.uniform();
      ASSERT_EQ(table.rank(u), naive.rank(u)) << c.keys << " keys, alpha " << c.alpha << ", " << u;
    }
    // The edges, where an error by one would show.
    ASSERT_EQ(table.rank(0), naive.rank(0));
    ASSERT_EQ(table.rank(1 - 0x1p-53), naive.rank(1 - 0x1p-53));
    for (const double edge : naive.cumulative()) {
      const double u = std::floor(edge * 0x1p53) * 0x1p-53;
      if (u < 1) {
        ASSERT_EQ(table.rank(u), naive.rank(u));
      }
      if (u > 0) {
        ASSERT_EQ(table.rank(u - 0x1p-53), naive.rank(u - 0x1p-53));
      }
    }
  }
}

TEST(ZipfTable, DrawingInGroupsIsDrawingOneByOne) {
  const ZipfTable table(10'000, 1.0);
  SplitMix64 one_by_one(42), grouped(42);
  for (const size_t count : {1, 31, 32, 33, 906}) {
    std::vector<uint64_t> ranks(count);
    table.draw(grouped, ranks);
    for (const uint64_t rank : ranks) ASSERT_EQ(rank, table.rank(one_by_one.uniform()));
  }
}

}  // namespace
}  // namespace cachegauge
