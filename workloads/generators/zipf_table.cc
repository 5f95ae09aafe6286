#include "workloads/generators/zipf_table.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace cachegauge {

ZipfTable::ZipfTable(uint64_t keys, double alpha)
    : cells_(static_cast<double>(std::bit_ceil(keys))),
      cumulative_(keys),
      guide_(std::bit_ceil(keys)) {
  double total = 0;
  for (uint64_t rank = 1; rank <= keys; ++rank) {
    total += std::pow(static_cast<double>(rank), -alpha);
    cumulative_[rank - 1] = total;
  }
  for (double& sum : cumulative_) sum /= total;
  cumulative_.back() = 1.0;
  uint32_t index = 0;
  for (size_t i = 0; i < guide_.size(); ++i) {
    while (cumulative_[index] <= static_cast<double>(i) / cells_) ++index;
    guide_[i] = index;
  }
}

void ZipfTable::draw(SplitMix64& random, std::span<uint64_t> ranks) const {
  constexpr size_t kGroup = 32;
  std::array<double, kGroup> u;
  std::array<const uint32_t*, kGroup> guides;
  while (!ranks.empty()) {
    const size_t group = std::min(kGroup, ranks.size());
    for (size_t i = 0; i < group; ++i) {
      u[i] = random.uniform();
      guides[i] = &guide_[cell(u[i])];
      __builtin_prefetch(guides[i]);
    }
    for (size_t i = 0; i < group; ++i) __builtin_prefetch(&cumulative_[*guides[i]]);
    for (size_t i = 0; i < group; ++i) {
      // Nearly always at most two steps: without a jump that cannot be foretold.
      uint64_t index = *guides[i];
      index += cumulative_[index] <= u[i];
      index += cumulative_[index] <= u[i];
      while (cumulative_[index] <= u[i]) ++index;
      ranks[i] = index + 1;
    }
    ranks = ranks.subspan(group);
  }
}

}  // namespace cachegauge
