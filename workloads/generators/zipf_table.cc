#include "workloads/generators/zipf_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace cachegauge {
namespace {

uint32_t top_bits(double sum) {
  return static_cast<uint32_t>(std::min(sum * 0x1p32, static_cast<double>(UINT32_MAX)));
}

}  // namespace

ZipfTable::ZipfTable(uint64_t keys, double alpha)
    : cell_bits_(std::bit_width(std::clamp(keys, kFewestCells, kMostCells) - 1)),
      cumulative_(keys + 1),
      tops_(keys + 1),
      guide_((size_t{1} << cell_bits_) + 1) {
  double total = 0;
  for (uint64_t rank = 1; rank <= keys; ++rank) {
    total += std::pow(static_cast<double>(rank), -alpha);
    cumulative_[rank] = total;
  }
  for (double& sum : cumulative_) sum /= total;
  cumulative_.back() = 1.0;
  std::transform(cumulative_.begin(), cumulative_.end() - 1, tops_.begin(), top_bits);
  tops_.back() = UINT32_MAX;
  uint32_t rank = 1;
  for (size_t i = 0; i + 1 < guide_.size(); ++i) {
    while (cumulative_[rank] <= std::ldexp(i, -cell_bits_)) ++rank;
    guide_[i] = rank;
  }
  guide_.back() = static_cast<uint32_t>(keys);
}

// The answer lies in [guide_[c], guide_[c + 1]], and within a cell the sums are nearly a straight
// line.
inline uint64_t ZipfTable::guess(uint64_t draw) const {
  const uint64_t cell = draw >> (64 - cell_bits_);
  const uint64_t within = draw << cell_bits_ >> 32;
  const uint64_t first = guide_[cell];
  return first + ((guide_[cell + 1] - first) * within >> 32);
}

inline uint64_t ZipfTable::correct(uint64_t draw, uint64_t rank) const {
  const auto top = static_cast<uint32_t>(draw >> 32);
  // Nearly always one step at most, up or down.
  rank += tops_[rank] < top;
  rank -= tops_[rank - 1] > top;
  return tops_[rank - 1] < top && top < tops_[rank] ? rank : search(draw);
}

uint64_t ZipfTable::search(uint64_t draw) const {
  const uint64_t cell = draw >> (64 - cell_bits_);
  const auto first = cumulative_.begin() + guide_[cell];
  const auto last = cumulative_.begin() + guide_[cell + 1] + 1;
  const double u = static_cast<double>(draw >> 11) * 0x1p-53;
  return static_cast<uint64_t>(std::upper_bound(first, last, u) - cumulative_.begin());
}

uint64_t ZipfTable::rank(double u) const {
  const uint64_t draw = static_cast<uint64_t>(u * 0x1p53) << 11;
  return correct(draw, guess(draw));
}

void ZipfTable::draw(SplitMix64& random, std::span<uint64_t> ranks) const {
  constexpr size_t kGroup = 32;
  std::array<uint64_t, kGroup> draws;
  SplitMix64 own = random;  // which the writes below cannot touch
  while (!ranks.empty()) {
    const size_t group = std::min(kGroup, ranks.size());
    for (size_t i = 0; i < group; ++i) {
      draws[i] = own.next();
      ranks[i] = guess(draws[i]);
      __builtin_prefetch(&tops_[ranks[i]]);
    }
    for (size_t i = 0; i < group; ++i) ranks[i] = correct(draws[i], ranks[i]);
    ranks = ranks.subspan(group);
  }
  random = own;
}

}  // namespace cachegauge
