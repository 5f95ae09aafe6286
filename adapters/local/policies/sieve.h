// SIEVE: FIFO with a hand that moves from old to young over objects which stay where they are.
// Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is simpler than LRU: an efficient turn-key eviction
// algorithm for web caches", NSDI 2024.
//
// A new object enters at the young end, unvisited, and a hit marks it visited. The hand takes the
// mark from each visited object that it meets, and evicts the first one without. It goes on from
// there the next time, and back to the old end when it has passed the youngest.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"

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
    by_age_.push_front(access.slot);
    marks_[access.slot] = kUnvisited;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    marks_[access.slot] = kVisited;
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    if (slot == hand_) hand_ = by_age_.before(slot);
    by_age_.unlink(slot);
    marks_[slot] = kAbsent;
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    if (hand_ == kNoSlot) hand_ = by_age_.back();
    while (marks_[hand_] == kVisited) {
      marks_[hand_] = kUnvisited;
      hand_ = by_age_.before(hand_);
      if (hand_ == kNoSlot) hand_ = by_age_.back();
    }
    return hand_;
  }

  bool holds(uint32_t slot) const { return marks_[slot] != kAbsent; }
  void reserve(uint32_t slots) {
    by_age_.reserve(slots);
    grow_exactly(marks_, slots, kAbsent);
  }
  // A hit needs the mark alone.
  void prefetch(uint32_t slot) const { __builtin_prefetch(&marks_[slot], 1); }
  size_t bytes() const { return by_age_.bytes() + held_bytes(marks_); }

 private:
  enum Mark : uint8_t { kAbsent, kUnvisited, kVisited };

  SlotLists<> by_age_;
  std::vector<Mark> marks_;  // by slot
  uint32_t hand_ = kNoSlot;  // kNoSlot: at the old end
};

using SievePolicy = OrderPolicy<SieveOrder>;

}  // namespace cachegauge
