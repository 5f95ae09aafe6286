#include "workloads/generators/zipf_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace cachegauge {

ZipfTable::ZipfTable(uint64_t keys, double alpha)
    : cells_(static_cast<double>(std::bit_ceil(std::min(keys, kMostCells)))),
      cumulative_(keys + 1),
      guide_(std::bit_ceil(std::min(keys, kMostCells)) + 1) {
  double total = 0;
  for (uint64_t rank = 1; rank <= keys; ++rank) {
    total += std::pow(static_cast<double>(rank), -alpha);
    cumulative_[rank] = total;
  }
  for (double& sum : cumulative_) sum /= total;
  cumulative_.back() = 1.0;
  uint32_t rank = 1;
  for (size_t i = 0; i + 1 < guide_.size(); ++i) {
    while (cumulative_[rank] <= static_cast<double>(i) / cells_) ++rank;
    guide_[i] = rank;
  }
  guide_.back() = static_cast<uint32_t>(keys);
}

// The answer lies in [guide_[c], guide_[c + 1]], and within a cell the sums are nearly a straight
// line.
uint64_t ZipfTable::guess(double u) const {
  const double place = u * cells_;
  const auto cell = static_cast<size_t>(place);
  const uint32_t first = guide_[cell];
  const double width = guide_[cell + 1] - first;
  return first + static_cast<uint32_t>((place - static_cast<double>(cell)) * width);
}

uint64_t ZipfTable::correct(double u, uint64_t rank) const {
  // Nearly always one step at most, up or down.
  rank += cumulative_[rank] <= u;
  rank -= cumulative_[rank - 1] > u;
  return cumulative_[rank - 1] <= u && u < cumulative_[rank] ? rank : search(u);
}

uint64_t ZipfTable::search(double u) const {
  const auto cell = static_cast<size_t>(u * cells_);
  const auto first = cumulative_.begin() + guide_[cell];
  const auto last = cumulative_.begin() + guide_[cell + 1] + 1;
  return static_cast<uint64_t>(std::upper_bound(first, last, u) - cumulative_.begin());
}

void ZipfTable::draw(SplitMix64& random, std::span<uint64_t> ranks) const {
  constexpr size_t kGroup = 32;
  std::array<double, kGroup> u;
  while (!ranks.empty()) {
    const size_t group = std::min(kGroup, ranks.size());
    for (size_t i = 0; i < group; ++i) {
      u[i] = random.uniform();
      ranks[i] = guess(u[i]);
      __builtin_prefetch(&cumulative_[ranks[i]]);
    }
    for (size_t i = 0; i < group; ++i) ranks[i] = correct(u[i], ranks[i]);
    ranks = ranks.subspan(group);
  }
}

}  // namespace cachegauge
