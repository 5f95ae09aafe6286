// SuffixSums (suffix_sums.h) for weights of 1: places that are filled one after another, each of
// which may be emptied once, and how many from some place on are full.
//
// What is counted are the places that were emptied before one, since those behind the last that was
// filled are then never looked at: to fill a place costs nothing. They are bits, and above them a
// tree whose nodes are half a cache line, each entry the sum of those before it in its node. So a
// query reads one entry a level, and emptying a place adds to what lies behind it in two vector
// operations a level: it is the vectors that are written which take time, and of wider nodes those
// are more. Six levels for five million places, where they take a sixth of a byte each.
//
// Not thread-safe.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "harness/core/huge_pages.h"

namespace cachegauge {

// One level of the tree: counts that only rise.
template <class T>
class PrefixCounts {
 public:
  static constexpr size_t kFanout = 32 / sizeof(T);

  explicit PrefixCounts(size_t entries) : nodes_((entries + kFanout - 1) / kFanout) {}

  size_t nodes() const { return nodes_.size(); }
  // Of the entries before this one in its node.
  T before(size_t at) const {
    T sum;  // entries follow each other through all nodes, and one load takes less than lane by
            // lane
    std::memcpy(&sum, reinterpret_cast<const char*>(nodes_.data()) + at * sizeof(T), sizeof(T));
    return sum;
  }
  // One more in this entry; returns before().
  T count(size_t at) {
    const T sum = before(at);
    Node& node = nodes_[at / kFanout];
    const T* const behind = kBehind[at % kFanout].data();
    for (size_t i = 0; i < kFanout / kLanes; ++i) {
      Lanes minus_one;
      std::memcpy(&minus_one, behind + i * kLanes, sizeof(minus_one));
      node.lanes[i] -= minus_one;
    }
    return sum;
  }
  void prefetch(size_t at) const { __builtin_prefetch(&nodes_[at / kFanout], 1); }
  void clear() { std::fill(nodes_.begin(), nodes_.end(), Node{}); }

 private:
  // What every x86-64 adds at once; the compiler does not find it by itself.
  typedef T Lanes __attribute__((vector_size(16)));
  static constexpr size_t kLanes = sizeof(Lanes) / sizeof(T);
  struct alignas(32) Node {
    Lanes lanes[kFanout / kLanes] = {};
  };
  static_assert(sizeof(Node) == kFanout * sizeof(T));

  // -1 for the entries behind each.
  static constexpr std::array<std::array<T, kFanout>, kFanout> kBehind = [] {
    std::array<std::array<T, kFanout>, kFanout> masks{};
    for (size_t at = 0; at < kFanout; ++at) {
      for (size_t i = at + 1; i < kFanout; ++i) masks[at][i] = static_cast<T>(~T{0});
    }
    return masks;
  }();

  std::vector<Node, HugePageAllocator<Node>> nodes_;
};

class SuffixCounts {
 public:
  using Entry = uint8_t;

  explicit SuffixCounts(size_t size)
      : emptied_((size + 63) / 64), words_(emptied_.size()), nodes_(words_.nodes()) {
    size_t entries = nodes_.nodes();
    do {
      groups_.emplace_back(entries);
      entries = groups_.back().nodes();
    } while (entries > 1);
  }

  size_t size() const { return emptied_.size() * 64; }
  uint64_t operator[](size_t at) const {
    return at < filled_ && (emptied_[at / 64] >> at % 64 & 1) == 0;
  }
  // The next place is filled; it must be that behind the last. The weight is 1.
  void append(size_t at, uint64_t /*weight*/) { filled_ = at + 1; }
  // The place is emptied, which must be full. The weight is 1. Returns from(), as it was: the two
  // in one go take little more than either.
  uint64_t take(size_t at, uint64_t /*weight*/) {
    uint64_t& word = emptied_[at / 64];
    const uint64_t bit = uint64_t{1} << at % 64;
    uint64_t before = count_bits(word & (bit - 1));
    word |= bit;
    for_each_level(*this, at, [&](auto& level, size_t entry) { before += level.count(entry); });
    return filled_ - at - (all_emptied_++ - before);
  }
  // Full places from this one on.
  uint64_t from(size_t at) const {
    uint64_t before = count_bits(emptied_[at / 64] & ((uint64_t{1} << at % 64) - 1));
    for_each_level(*this, at, [&](auto& level, size_t entry) { before += level.before(entry); });
    return filled_ - at - (all_emptied_ - before);
  }
  void prefetch(size_t at) const {
    __builtin_prefetch(&emptied_[at / 64], 1);
    words_.prefetch(at / 64);
  }
  // Calls visit(at, 1) for each full place, in order.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (size_t begin = 0; begin < filled_; begin += 64) {
      uint64_t full = ~emptied_[begin / 64];
      if (filled_ - begin < 64) full &= (uint64_t{1} << (filled_ - begin)) - 1;
      for (; full != 0; full &= full - 1) {
        visit(begin + static_cast<size_t>(std::countr_zero(full)), Entry{1});
      }
    }
  }
  uint64_t all() const { return filled_ - all_emptied_; }
  // So many full places and no others.
  void assign(const std::vector<Entry>& entries) { assign(entries.size()); }
  void assign(size_t full) {
    std::fill(emptied_.begin(), emptied_.end(), 0);
    words_.clear();
    nodes_.clear();
    for (PrefixCounts<uint32_t>& level : groups_) level.clear();
    filled_ = full;
    all_emptied_ = 0;
  }

 private:
  // Calls visit(level, entry) for the entry of each level of the tree that a place is in.
  template <class Counts, class Visit>
  static void for_each_level(Counts& counts, size_t at, const Visit& visit) {
    visit(counts.words_, at /= 64);
    visit(counts.nodes_, at /= PrefixCounts<uint16_t>::kFanout);
    at /= PrefixCounts<uint16_t>::kFanout;
    for (auto& level : counts.groups_) {
      visit(level, at);
      at /= PrefixCounts<uint32_t>::kFanout;
    }
  }
  // In parallel within the word; the processors that we build for need not have an instruction.
  static uint64_t count_bits(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    return ((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0f) * 0x0101010101010101 >> 56;
  }

  std::vector<uint64_t, HugePageAllocator<uint64_t>> emptied_;  // a bit a place
  // Of 64 places each, and of 16 of those; no sum comes to 2^16.
  PrefixCounts<uint16_t> words_, nodes_;
  std::vector<PrefixCounts<uint32_t>> groups_;  // of 2^14 places, of 2^17, …
  size_t filled_ = 0;
  uint64_t all_emptied_ = 0;
};

}  // namespace cachegauge
