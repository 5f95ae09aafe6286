// A set of hashes that may hold some that were never added. Bloom, "Space/time trade-offs in hash
// coding with allowable errors", Communications of the ACM 1970. All bits of a hash are in one
// block of 64 bytes, which costs one cache miss (Putze, Sanders, Singler, "Cache-, hash- and
// space-efficient Bloom filters", 2007). Filled with as many hashes as it is sized for it takes
// about one in a hundred others for one of them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "harness/core/hash.h"

namespace cachegauge {

class BloomFilter {
 public:
  explicit BloomFilter(uint64_t keys) : blocks_(keys * kBitsPerKey / kBlockBits + 1) {}

  bool contains(uint64_t hash) const {
    const Block& block = blocks_[place_of(hash)];
    uint64_t missing = 0;
    for_each_bit(hash, [&](size_t word, uint64_t bit) { missing |= bit & ~block[word]; });
    return missing == 0;
  }
  void add(uint64_t hash) {
    Block& block = blocks_[place_of(hash)];
    for_each_bit(hash, [&](size_t word, uint64_t bit) { block[word] |= bit; });
  }

  size_t bytes() const { return held_bytes(blocks_); }

 private:
  static constexpr uint64_t kBlockBits = 512;
  static constexpr uint64_t kBitsPerKey = 12;
  static constexpr int kBitsSet = 7;  // 9 of the 64 bits of a hash find each
  using Block = std::array<uint64_t, kBlockBits / 64>;

  size_t place_of(uint64_t hash) const { return ((hash >> 32) * blocks_.size()) >> 32; }

  template <class Use>
  static void for_each_bit(uint64_t hash, Use use) {
    uint64_t bits = mix64(hash);  // others than those that find the block
    for (int i = 0; i < kBitsSet; ++i, bits >>= 9) use(bits >> 6 & 7, uint64_t{1} << (bits & 63));
  }

  std::vector<Block> blocks_;
};

}  // namespace cachegauge
