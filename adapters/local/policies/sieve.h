// SIEVE: FIFO with a hand that moves from old to young over objects which stay where they are.
// Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is simpler than LRU: an efficient turn-key eviction
// algorithm for web caches", NSDI 2024.
//
// A new object enters at the young end, unvisited, and a hit marks it visited. The hand takes the
// mark from each visited object that it meets, and evicts the first one without. It goes on from
// there the next time, and back to the old end when it has passed the youngest.
//
// The objects stand in a row by age, in contiguous memory, so that the hand walks forward through
// it. One that leaves leaves a gap; the gaps are closed when they are a third of the row. The hand
// knows where it stands, so where each object does need not be known until one is deleted.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
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

  explicit SieveOrder(const PolicySettings&) {}

  void enter(const Access& access) {
    if (row_.size() == row_.capacity()) close_gaps();
    if (knows_places()) places_[access.slot] = static_cast<uint32_t>(row_.size());
    row_.push_back(access.slot);
    marks_[access.slot] = kUnvisited;
    ++items_;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    marks_[access.slot] = kVisited;
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    const bool at_hand = row_[hand_] == slot;
    if (!at_hand && !knows_places()) note_places();
    const uint32_t place = at_hand ? hand_ : places_[slot];
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
    hand_ = find_victim(hand_, static_cast<uint32_t>(row_.size()));
    return row_[hand_];
  }

  // Nearly all misses find the next victim under the hand, but whether a request is a miss is often
  // mispredicted in a small cache: so both are done in the same steps. What a hit does not need
  // goes to the row's end, which stays where it is.
  bool can_serve() const { return items_ > 0 && !knows_places(); }
  uint64_t serve(std::span<const uint32_t> slots) {
    uint64_t hits = 0;
    while (!slots.empty()) {
      if (row_.size() == row_.capacity()) close_gaps();
      const size_t count = std::min(slots.size(), row_.capacity() - row_.size());
      hits += serve_few(slots, count);
      slots = slots.subspan(count);
    }
    return hits;
  }

  bool holds(uint32_t slot) const { return marks_[slot] != kAbsent; }
  void reserve(uint32_t slots) {
    grow_exactly(marks_, slots, kAbsent);
    if (knows_places()) grow_exactly(places_, slots);
  }
  void prefetch(uint32_t slot) const { prefetch_mark(slot); }
  size_t bytes() const { return held_bytes(row_) + held_bytes(places_) + held_bytes(marks_); }

 private:
  enum Mark : uint8_t { kAbsent, kUnvisited, kVisited };
  static constexpr uint32_t kGap = kNoSlot;
  static constexpr uint32_t kFirstSize = 64;
  static constexpr uint32_t kAhead = 8;  // objects

  void prefetch_mark(uint32_t slot) const { __builtin_prefetch(&marks_[slot], 1); }

  // The first `count`, for which the row has room.
  uint64_t serve_few(std::span<const uint32_t> slots, size_t count) {
    auto end = static_cast<uint32_t>(row_.size());
    row_.resize(end + count);
    uint32_t* const row = row_.data();
    Mark* const marks = marks_.data();
    uint32_t hand = hand_;
    uint64_t misses = 0;
    for (size_t i = 0; i < count; ++i) {
      prefetch_mark(slots[std::min(i + kRequestsAhead, slots.size() - 1)]);
      const uint32_t slot = slots[i];
      const uint32_t missed = marks[slot] == kAbsent;
      const uint32_t under_hand = row[hand] == kGap ? slot : row[hand];
      if (missed & uint32_t{marks[under_hand] != kUnvisited}) hand = find_victim(hand, end);
      const uint32_t if_missed = 0 - missed;
      marks[slot ^ ((slot ^ row[hand]) & if_missed)] = kAbsent;  // the victim, or the slot itself
      marks[slot] = static_cast<Mark>(kVisited - missed);
      row[end ^ ((end ^ hand) & if_missed)] = kGap;
      row[end] = slot;
      hand += missed;
      if (hand == end) hand = 0;
      end += missed;
      misses += missed;
    }
    hand_ = hand;
    row_.resize(end);
    return count - misses;
  }
  // Where the hand stops that goes from here, in a row that is so long.
  [[gnu::noinline]] uint32_t find_victim(uint32_t hand, uint32_t end) {
    for (;; hand = hand + 1 == end ? 0 : hand + 1) {
      if (hand + kAhead < end) {
        if (const uint32_t ahead = row_[hand + kAhead]; ahead != kGap) prefetch_mark(ahead);
      }
      const uint32_t slot = row_[hand];
      if (slot == kGap) continue;
      if (marks_[slot] == kUnvisited) return hand;
      marks_[slot] = kUnvisited;
    }
  }

  // Towards the young end; false if it has passed that, and is back at the old one.
  bool step() {
    if (++hand_ < row_.size()) return true;
    hand_ = 0;
    return false;
  }

  bool knows_places() const { return !places_.empty(); }
  [[gnu::noinline]] void note_places() {
    grow_exactly(places_, marks_.size());
    for (uint32_t place = 0; place < row_.size(); ++place) {
      if (row_[place] != kGap) places_[row_[place]] = place;
    }
  }

  [[gnu::noinline]] void close_gaps() {
    std::vector<uint32_t> closed;
    closed.reserve(std::max(items_ + items_ / 2 + 1, kFirstSize));
    for (uint32_t place = 0; place < row_.size(); ++place) {
      if (place == hand_) hand_ = static_cast<uint32_t>(closed.size());
      if (row_[place] == kGap) continue;
      if (knows_places()) places_[row_[place]] = static_cast<uint32_t>(closed.size());
      closed.push_back(row_[place]);
    }
    row_ = std::move(closed);
  }

  std::vector<uint32_t> row_;     // slots, the oldest first, or kGap
  std::vector<uint32_t> places_;  // by slot: where it is in the row; empty until asked for
  std::vector<Mark> marks_;       // by slot
  uint32_t items_ = 0;
  uint32_t hand_ = 0;
};

using SievePolicy = OrderPolicy<SieveOrder>;

}  // namespace cachegauge
