// The order of Greedy-Dual with uses counted, in which lfuda.h and gdsf.h agree: each object has a
// rank, L + uses / size, taken when it was last used; the object of the lowest rank goes, and L
// becomes its rank. L only ever grows, so that the uses of long ago lose their weight. An object's
// uses are 1 when it enters and are lost when it leaves. Among equals the first to reach the rank
// goes.
//
// As no rank is ever below L, the order is a radix heap (Ahuja, Mehlhorn, Orlin, Tarjan, "Faster
// algorithms for the shortest path problem", Journal of the ACM 1990): a list for each bit, which
// has the ranks that differ from the lowest in that bit and in none above it. A use moves an object
// to the front of a list, and only when the lower lists are empty is one distributed over them. (A
// rank, being positive, compares as its bits do.) Equals are always in one list, and it is never
// turned, so they stay in the order in which they came.
//
// Where a victim was named and stayed, the next rank may be below that one's, which the lists count
// from. Those of lower bits are then put together.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

// With kSized false each object counts as of size 1.
template <bool kSized>
class GreedyDual {
 public:
  explicit GreedyDual(const PolicySettings&) {}

  void enter(const Access& access) {
    standings_[access.slot].uses = 1;
    rank(access);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    ++standings_[access.slot].uses;
    move(access);
  }
  void resized(const Access& access, uint64_t /*old_size*/) {
    if constexpr (kSized) move(access);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { lists_.unlink(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    if (lists_.empty(0)) distribute(lowest_list());
    return lists_.back(0);
  }
  void give_up(uint32_t slot) { age_ = standings_[slot].rank; }

  bool holds(uint32_t slot) const { return lists_.linked(slot); }
  void reserve(uint32_t slots) {
    grow_exactly(standings_, slots);
    lists_.reserve(slots);
  }
  void prefetch(uint32_t slot) const {
    lists_.prefetch(slot);
    __builtin_prefetch(&standings_[slot], 1);
  }
  size_t bytes() const { return held_bytes(standings_) + lists_.bytes(); }

 private:
  static constexpr uint32_t kLists = 65;  // 0 is for the lowest rank itself

  struct Standing {
    double rank;
    uint64_t uses;
  };

  // Out of line, as g++ would have it, it costs a simulation 5 %.
  [[gnu::always_inline]] void rank(const Access& access) {
    Standing& standing = standings_[access.slot];
    standing.rank = age_ + to_double(standing.uses) / to_double(kSized ? access.size : 1);
    if (standing.rank < lowest_) lower_to(standing.rank);
    file(access.slot);
  }
  void move(const Access& access) {
    lists_.unlink(access.slot);
    rank(access);
  }

  // The list of a rank, as they are counted now.
  uint32_t list_of(double rank) const {
    return static_cast<uint32_t>(
        std::bit_width(std::bit_cast<uint64_t>(rank) ^ std::bit_cast<uint64_t>(lowest_)));
  }
  void file(uint32_t slot) { lists_.push_front(slot, list_of(standings_[slot].rank)); }
  // What differs from the old lowest rank in lower bits alone differs from the new one in this bit,
  // whose list is empty: its ranks would have been below.
  [[gnu::noinline]] void lower_to(double rank) {
    const uint32_t list = list_of(rank);
    for (uint32_t lower = 0; lower < list; ++lower) lists_.move_all_to_front(lower, list);
    lowest_ = rank;
  }

  uint32_t lowest_list() const {
    uint32_t list = 1;
    while (lists_.empty(list)) ++list;
    return list;
  }

  // The lists below have nothing; it goes to them, from the first that came to the last.
  [[gnu::noinline]] void distribute(uint32_t list) {
    lowest_ = standings_[lists_.back(list)].rank;
    for (uint32_t slot = lists_.back(list); slot != kNoSlot; slot = lists_.before(slot)) {
      lowest_ = std::min(lowest_, standings_[slot].rank);
    }
    for (uint32_t slot; (slot = lists_.back(list)) != kNoSlot;) {
      lists_.unlink(slot);
      file(slot);
    }
  }

  std::vector<Standing> standings_;  // by slot
  SlotLists<kLists> lists_;          // the first to come at the back
  double age_ = 0;                   // L
  double lowest_ = 0;                // no rank is below it; that of list 0
};

}  // namespace cachegauge
