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
  T from(size_t at) const {  // of this entry and those behind it
    T sum = levels_[0][at];
    Lanes lanes = {};
    for (const Level& level : levels_) {
      const T* const node = &level[at / kFanout * kFanout];
      const T* const behind = kBehind[at % kFanout].data();
      for (size_t i = 0; i < kFanout; i += kLanes)
        lanes += lanes_of(node + i) & lanes_of(behind + i);
      at /= kFanout;
    }
    for (size_t i = 0; i < kLanes; ++i) sum += lanes[i];
    return sum;
  }
  // What a stack asks for (lru_stack.h): an entry comes behind all others, and loses weight.
  void append(size_t at, T weight) { add(at, weight); }
  T take(size_t at, T weight) {  // returns from(), as it was
    const T sum = from(at);
    add(at, 0 - weight);
    return sum;
  }
  void prefetch(size_t at) const { __builtin_prefetch(&levels_[0][at], 1); }
  // Calls visit(at, entry) for each entry that is not 0, in order.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (size_t at = 0; at < size(); ++at) {
      if (levels_[0][at] != 0) visit(at, levels_[0][at]);
    }
  }

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

}  // namespace cachegauge
