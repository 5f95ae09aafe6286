// Sums over the end of a long array that changes one entry at a time: a tree whose nodes are
// sixteen entries, a cache line of 32-bit ones, each the sum of a node of the level below. An
// update touches an entry a level, a query a node a level: five levels for a million entries. (The
// indexed tree of Fenwick, 1994, wider, so that it waits for memory less often, and its adds are
// vectors.)
//
// Not thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "harness/core/huge_pages.h"

namespace cachegauge {

template <class T>
class SuffixSums {
 public:
  using Entry = T;

  explicit SuffixSums(size_t size) {
    do {
      size = (size + kFanout - 1) / kFanout;
      levels_.emplace_back(size * kFanout);
    } while (size > 1);
  }

  size_t size() const { return levels_[0].size(); }  // as asked for, rounded up
  T operator[](size_t at) const { return levels_[0][at]; }
  void add(size_t at, T change) {  // modulo 2^n: to subtract is to add the negative
    for (Level& level : levels_) {
      level[at] += change;
      at /= kFanout;
    }
  }
  T after(size_t at) const {  // of the entries behind this one
    Lanes lanes = {};
    for (const Level& level : levels_) {
      const T* const node = &level[at / kFanout * kFanout];
      const T* const behind = kBehind[at % kFanout].data();
      for (size_t i = 0; i < kFanout; i += kLanes)
        lanes += lanes_of(node + i) & lanes_of(behind + i);
      at /= kFanout;
    }
    T sum = 0;
    for (size_t i = 0; i < kLanes; ++i) sum += lanes[i];
    return sum;
  }
  void prefetch(size_t at) const { __builtin_prefetch(&levels_[0][at], 1); }

  // The first entries; the others become 0.
  void assign(const std::vector<T>& entries) {
    for (Level& level : levels_) level.assign(level.size(), T{0});
    for (size_t i = 0; i < entries.size(); ++i) levels_[0][i] = entries[i];
    for (size_t l = 1; l < levels_.size(); ++l) {
      for (size_t i = 0; i < levels_[l - 1].size(); ++i)
        levels_[l][i / kFanout] += levels_[l - 1][i];
    }
  }

 private:
  static constexpr size_t kFanout = 16;
  // What every x86-64 adds at once; the compiler does not find it by itself.
  typedef T Lanes __attribute__((vector_size(16)));
  static constexpr size_t kLanes = sizeof(Lanes) / sizeof(T);

  // All bits of the entries behind each: a sum under a mask is a few vector operations.
  static constexpr std::array<std::array<T, kFanout>, kFanout> kBehind = [] {
    std::array<std::array<T, kFanout>, kFanout> masks{};
    for (size_t at = 0; at < kFanout; ++at) {
      for (size_t i = at + 1; i < kFanout; ++i) masks[at][i] = ~T{0};
    }
    return masks;
  }();

  static Lanes lanes_of(const T* entries) {
    Lanes lanes;
    std::memcpy(&lanes, entries, sizeof(lanes));
    return lanes;
  }

  using Level = std::vector<T, HugePageAllocator<T>>;
  std::vector<Level> levels_;
};

// The same for entries of 0 and 1, in an eighth of a byte each.
class SuffixCounts {
 public:
  using Entry = uint64_t;

  explicit SuffixCounts(size_t size) : counts_((size + 63) / 64), words_(counts_.size()) {}

  size_t size() const { return words_.size() * 64; }
  uint64_t operator[](size_t at) const { return words_[at / 64] >> at % 64 & 1; }
  void add(size_t at, uint64_t change) {  // 1 to an entry of 0, or -1 to one of 1
    words_[at / 64] ^= uint64_t{1} << at % 64;
    counts_.add(at / 64, static_cast<uint32_t>(change));
  }
  uint64_t after(size_t at) const {
    const uint64_t behind = words_[at / 64] & ~((uint64_t{2} << at % 64) - 1);
    return count_bits(behind) + counts_.after(at / 64);
  }
  void prefetch(size_t at) const {
    __builtin_prefetch(&words_[at / 64], 1);
    counts_.prefetch(at / 64);
  }
  void assign(const std::vector<uint64_t>& entries) {
    std::vector<uint32_t> counts(words_.size());
    words_.assign(words_.size(), 0);
    for (size_t i = 0; i < entries.size(); ++i) {
      words_[i / 64] |= entries[i] << i % 64;
      counts[i / 64] += static_cast<uint32_t>(entries[i]);
    }
    counts_.assign(counts);
  }

 private:
  // In parallel within the word; the processors that we build for need not have an instruction.
  static uint64_t count_bits(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    return ((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56;
  }

  SuffixSums<uint32_t> counts_;  // of the ones in each word
  std::vector<uint64_t, HugePageAllocator<uint64_t>> words_;
};

}  // namespace cachegauge
