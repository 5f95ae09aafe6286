// Draws from Zipf's law: rank k of n has probability k^-alpha / sum over j of j^-alpha.
//
// By inversion of the cumulative sums F, added up from rank 1 in double and divided by the total,
// the last set to 1: the rank for u in [0, 1) is the first whose F is greater than u. A guide table
// (Chen and Asau, "On generating random variates from an empirical distribution", 1974) over equal
// intervals of u bounds it, and interpolation between the bounds says where to look first: exactly
// what a binary search would give, in about one step at any n. The guide is small enough for the
// cache, so that a draw waits for memory once, and for a popular rank not at all. Nearly always the
// first 32 bits of F tell the rank, and half as much memory is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/core/random.h"

namespace cachegauge {

// Immutable and thread-safe. Takes 12 bytes a key.
class ZipfTable {
 public:
  // 1 <= keys < 2^32, alpha >= 0.
  ZipfTable(uint64_t keys, double alpha);

  uint64_t rank(double u) const;

  // One draw of `random` for each of `ranks`, in order: rank(random.uniform()). Faster than one by
  // one: the cache misses of a group overlap.
  void draw(SplitMix64& random, std::span<uint64_t> ranks) const;

 private:
  static constexpr uint64_t kFewestCells = 2, kMostCells = uint64_t{1} << 15;

  // A draw of 64 bits stands for u, the upper 53 of them as a fraction.
  uint64_t guess(uint64_t draw) const;  // about where the rank is
  uint64_t correct(uint64_t draw, uint64_t rank) const;
  uint64_t search(uint64_t draw) const;

  int cell_bits_;                                              // there are 2^cell_bits_ cells
  std::vector<double, HugePageAllocator<double>> cumulative_;  // F by rank, F[0] = 0
  std::vector<uint32_t, HugePageAllocator<uint32_t>> tops_;    // of F * 2^32, below 2^32
  std::vector<uint32_t> guide_;  // of cell c: the first rank with F > c / cells; then the last
};

}  // namespace cachegauge
