// SIEVE: FIFO with a hand that moves from old to young over objects which stay where they are.
// Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is simpler than LRU: an efficient turn-key eviction
// algorithm for web caches", NSDI 2024.
//
// A new object enters at the young end, unvisited, and a hit marks it visited. The hand takes the
// mark from each visited object that it meets, and evicts the first one without. It goes on from
// there the next time, and back to the old end when it has passed the youngest.
//
// The objects stand in a row by age, in contiguous memory, so that the hand walks forward through
// it. One that leaves leaves a gap; the gaps are closed when they are a third of the row.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class SieveOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "sieve",
      .summary = "a hand from old to young evicts what was not used since it last came by",
      .paper = "Zhang et al., SIEVE is simpler than LRU, 2024"};

  static constexpr bool kVictimStands = true;  // where the hand stopped

  explicit SieveOrder(const PolicySettings&) {}

  void enter(const Access& access) {
    if (row_.size() == row_.capacity()) close_gaps();
    places_[access.slot] = static_cast<uint32_t>(row_.size());
    row_.push_back(access.slot);
    marks_[access.slot] = kUnvisited;
    ++items_;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    marks_[access.slot] = kVisited;
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    // Asking the row first spares what the hand takes, which is the usual case, a look at its
    // place.
    const uint32_t place = row_[hand_] == slot ? hand_ : places_[slot];
    row_[place] = kGap;
    marks_[slot] = kAbsent;
    --items_;
    // At once: what enters next is not next to the hand that has passed the youngest.
    if (place == hand_) {
      while (row_[hand_] == kGap && step()) continue;
    }
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    for (;; step()) {
      const uint32_t slot = row_[hand_];
      if (slot == kGap) continue;
      if (marks_[slot] == kUnvisited) return slot;
      marks_[slot] = kUnvisited;
    }
  }

  bool holds(uint32_t slot) const { return marks_[slot] != kAbsent; }
  void reserve(uint32_t slots) {
    grow_exactly(places_, slots);
    grow_exactly(marks_, slots, kAbsent);
  }
  // A hit needs the mark alone, but what enters waits for its place: with both, simulations of a
  // million keys take two thirds of the time, though most requests hit.
  void prefetch(uint32_t slot) const {
    prefetch_mark(slot);
    __builtin_prefetch(&places_[slot], 1);
  }
  size_t bytes() const { return held_bytes(row_) + held_bytes(places_) + held_bytes(marks_); }

 private:
  enum Mark : uint8_t { kAbsent, kUnvisited, kVisited };
  static constexpr uint32_t kGap = kNoSlot;
  static constexpr uint32_t kFirstSize = 64;
  static constexpr uint32_t kAhead = 8;

  void prefetch_mark(uint32_t slot) const { __builtin_prefetch(&marks_[slot], 1); }

  // Towards the young end; false if it has passed that, and is back at the old one.
  bool step() {
    if (hand_ + kAhead < row_.size()) {
      if (const uint32_t ahead = row_[hand_ + kAhead]; ahead != kGap) prefetch_mark(ahead);
    }
    if (++hand_ < row_.size()) return true;
    hand_ = 0;
    return false;
  }

  [[gnu::noinline]] void close_gaps() {
    std::vector<uint32_t> closed;
    closed.reserve(std::max(items_ + items_ / 2 + 1, kFirstSize));
    for (uint32_t place = 0; place < row_.size(); ++place) {
      if (place == hand_) hand_ = static_cast<uint32_t>(closed.size());
      if (row_[place] == kGap) continue;
      places_[row_[place]] = static_cast<uint32_t>(closed.size());
      closed.push_back(row_[place]);
    }
    row_ = std::move(closed);
  }

  std::vector<uint32_t> row_;     // slots, the oldest first, or kGap
  std::vector<uint32_t> places_;  // by slot: where it is in the row
  std::vector<Mark> marks_;       // by slot
  uint32_t items_ = 0;
  uint32_t hand_ = 0;
};

using SievePolicy = OrderPolicy<SieveOrder>;

}  // namespace cachegauge
