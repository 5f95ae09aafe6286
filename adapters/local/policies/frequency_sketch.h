// How often keys were used of late: a count-min sketch (Cormode, Muthukrishnan, "An improved data
// stream summary", 2005) with 4-bit counters that age. 8 to 16 bytes for each key that it is sized
// for.
//
// A key has four counters, and its count is the least of them. Only those that are the least are
// raised (Estan, Varghese, "New directions in traffic measurement and accounting", 2002), up to 15.
// After ten additions for each of the keys that it is sized for all counters are halved, and with
// them the number of additions, so that old uses fade (Einziger, Friedman, Manes, "TinyLFU: a
// highly efficient cache admission policy", 2017); what finds its counters full adds nothing. The
// four counters of a key are in one block of 64 bytes, so that it costs one cache miss (Putze,
// Sanders, Singler, "Cache-, hash- and space-efficient Bloom filters", 2007).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <vector>

#include "adapters/local/policies/flat_array.h"

namespace cachegauge {

class FrequencySketch {
 public:
  static constexpr uint32_t kMostCounted = 15;

  FrequencySketch() : blocks_(1) {}

  // Sizes it for this many keys at least. Doubling repeats the counters, which keeps all counts.
  void reserve(uint64_t keys) {
    if (keys <= keys_) return;
    keys_ = keys;
    while (blocks_.size() * kKeysPerBlock < keys) {
      const size_t half = blocks_.size();
      blocks_.reserve(2 * half);
      std::copy_n(blocks_.begin(), half, std::back_inserter(blocks_));
    }
  }

  uint32_t count(uint32_t hash) const {
    const Block& block = blocks_[hash & (blocks_.size() - 1)];
    const Places places = places_of(hash);
    uint32_t least = kMostCounted;
    for (const Place& p : places) least = std::min(least, counter(block, p));
    return least;
  }

  void add(uint32_t hash) {
    Block& block = blocks_[hash & (blocks_.size() - 1)];
    const Places places = places_of(hash);
    std::array<uint32_t, kRows> counters;
    uint32_t least = kMostCounted;
    for (size_t row = 0; row < kRows; ++row) {
      counters[row] = counter(block, places[row]);
      least = std::min(least, counters[row]);
    }
    if (least == kMostCounted) return;
    for (size_t row = 0; row < kRows; ++row) {  // without branches, which nobody could predict
      block[places[row].word] += uint64_t{counters[row] == least} << places[row].shift;
    }
    if (++additions_ >= kAdditionsPerKey * keys_) age();
  }

  size_t bytes() const { return held_bytes(blocks_); }

 private:
  static constexpr size_t kRows = 4;
  static constexpr size_t kWords = 8;  // two for each row
  static constexpr uint64_t kKeysPerBlock = 8;
  static constexpr uint64_t kAdditionsPerKey = 10;
  using Block = std::array<uint64_t, kWords>;
  struct Place {
    uint32_t word;
    uint32_t shift;
  };
  using Places = std::array<Place, kRows>;

  // Other bits than those that find the block: each row has five of its own.
  static Places places_of(uint32_t hash) {
    uint64_t bits = (hash * 0x9e3779b97f4a7c15) >> 44;  // Fibonacci hashing, Knuth 1973
    Places places;
    for (uint32_t row = 0; row < kRows; ++row, bits >>= 5) {
      places[row] = {2 * row + static_cast<uint32_t>(bits & 1),
                     static_cast<uint32_t>(bits >> 1 & 15) * 4};
    }
    return places;
  }
  static uint32_t counter(const Block& block, const Place& place) {
    return block[place.word] >> place.shift & 15;
  }

  void age() {
    for (Block& block : blocks_) {
      for (uint64_t& word : block) word = word >> 1 & 0x7777777777777777;
    }
    additions_ /= 2;
  }

  std::vector<Block> blocks_;  // a power of two
  uint64_t keys_ = 1;
  uint64_t additions_ = 0;  // halved with the counters
};

}  // namespace cachegauge
