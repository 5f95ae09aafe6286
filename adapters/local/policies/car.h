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

class CarOrder : public ArcLists {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "car",
      .summary = "recent and frequent objects in two clocks that adapt their shares, as in ARC",
      .paper = "Bansal, Modha, CAR: clock with adaptive replacement, 2004"};

  using ArcLists::ArcLists;

  void enter(const Access& access) {
    adapt(access.size);
    ArcLists::enter(access);
    used_[access.slot] = 0;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    used_[access.slot] = 1;
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    while (true) {
      const bool from_t1 = t1_used() >= std::max(1.0, p()) || count(kT2) == 0;
      const uint32_t slot = back(from_t1 ? kT1 : kT2);
      if (!used_[slot]) return slot;
      used_[slot] = 0;
      move_to_t2(slot, sizes.size(slot));
    }
  }

  void reserve(uint32_t slots) {
    ArcLists::reserve(slots);
    grow_exactly(used_, slots);
  }
  void prefetch(uint32_t slot) const {
    ArcLists::prefetch(slot);
    __builtin_prefetch(&used_[slot], 1);
  }
  size_t bytes() const { return ArcLists::bytes() + held_bytes(used_); }

 private:
  std::vector<uint8_t> used_;  // by slot: since the hand came by
};

using CarPolicy = OrderPolicy<CarOrder>;

}  // namespace cachegauge
