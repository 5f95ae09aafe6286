// CAR: ARC with two clocks in place of its two LRU lists, so that a hit sets a bit and moves
// nothing. Bansal, Modha, "CAR: clock with adaptive replacement", FAST 2004, with the paper's
// names; arc_lists.h has what it shares with ARC.
//
// T1's hand takes an object that was used since to T2; T2's hand gives it another round. In both a
// bit is taken away when the hand comes by, and the first object without one is the victim. As in
// the paper the shares change after room was made, where ARC changes them before.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/arc_lists.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class CarOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "car",
      .summary = "recent and frequent objects in two clocks that adapt their shares, as in ARC",
      .paper = "Bansal, Modha, CAR: clock with adaptive replacement, 2004"};

  explicit CarOrder(const PolicySettings& settings) : lists_(settings.capacity.limit) {}

  void recall(const Access& access) { lists_.recall(access.slot); }
  void enter(const Access& access) {
    lists_.adapt(access.size);
    lists_.enter(access);
    used_[access.slot] = 0;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    used_[access.slot] = 1;
  }
  void resized(const Access& access, uint64_t old_size) { lists_.resized(access, old_size); }
  void leave(uint32_t slot, uint64_t size) { lists_.leave(slot, size); }
  bool retire(uint32_t slot, uint64_t size) {
    lists_.retire(slot, size);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    while (true) {
      const bool from_t1 =
          lists_.t1_used() >= std::max(1.0, lists_.p()) || lists_.count(ArcLists::kT2) == 0;
      const uint32_t slot = lists_.back(from_t1 ? ArcLists::kT1 : ArcLists::kT2);
      if (!used_[slot]) return slot;
      used_[slot] = 0;
      lists_.move_to_t2(slot, sizes.size(slot));
    }
  }

  uint32_t surplus_ghost(uint64_t room) const { return lists_.surplus_ghost(room); }
  void forget(uint32_t slot) { lists_.forget(slot); }
  uint64_t max_ghosts() const { return lists_.max_ghosts(); }

  bool holds(uint32_t slot) const { return lists_.holds(slot); }
  void reserve(uint32_t slots) {
    lists_.reserve(slots);
    grow_exactly(used_, slots);
  }
  void prefetch(uint32_t slot) const {
    lists_.prefetch(slot);
    __builtin_prefetch(&used_[slot], 1);
  }
  size_t bytes() const { return lists_.bytes() + held_bytes(used_); }

 private:
  ArcLists lists_;
  std::vector<uint8_t> used_;  // by slot: since the hand came by
};

using CarPolicy = OrderPolicy<CarOrder>;

}  // namespace cachegauge
