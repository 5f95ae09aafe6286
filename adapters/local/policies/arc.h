// ARC: an LRU list of what was used once and one of what was used again, whose shares follow the
// hits on their ghosts (arc_lists.h). Megiddo, Modha, "ARC: a self-tuning, low overhead replacement
// cache", FAST 2003, with the paper's names.
//
// Two things are said differently here, to the same effect. Room is made before ghosts are counted
// out, where the paper counts first: the ghosts left are the same ones. And where T1 fills the
// cache the paper discards its last page; here that page becomes a ghost, and is at once one too
// many.
#pragma once

#include <cstdint>

#include "adapters/local/policies/arc_lists.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class ArcOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "arc",
      .summary = "recent and frequent objects in two LRU lists that adapt their shares",
      .paper = "Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, 2003"};

  explicit ArcOrder(const PolicySettings& settings) : lists_(settings.capacity.limit) {}

  void recall(const Access& access) {
    lists_.recall(access.slot);
    lists_.adapt(access.size);
  }
  void enter(const Access& access) { lists_.enter(access); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    lists_.move_to_t2(access.slot, access.size);
  }
  void resized(const Access& access, uint64_t old_size) { lists_.resized(access, old_size); }
  void leave(uint32_t slot, uint64_t size) { lists_.leave(slot, size); }
  bool retire(uint32_t slot, uint64_t size) {
    lists_.retire(slot, size);
    return true;
  }

  // The paper's REPLACE.
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    const double t1 = lists_.t1_used();
    const bool above =
        t1 > lists_.p() || (lists_.coming_from() == ArcLists::kB2 && t1 == lists_.p());
    const bool from_t1 =
        lists_.count(ArcLists::kT2) == 0 || (above && lists_.count(ArcLists::kT1) > 0);
    return lists_.back(from_t1 ? ArcLists::kT1 : ArcLists::kT2);
  }

  uint32_t surplus_ghost(uint64_t room) const { return lists_.surplus_ghost(room); }
  void forget(uint32_t slot) { lists_.forget(slot); }
  uint64_t max_ghosts() const { return lists_.max_ghosts(); }

  bool holds(uint32_t slot) const { return lists_.holds(slot); }
  void reserve(uint32_t slots) { lists_.reserve(slots); }
  void prefetch(uint32_t slot) const { lists_.prefetch(slot); }
  size_t bytes() const { return lists_.bytes(); }

 private:
  ArcLists lists_;
};

using ArcPolicy = OrderPolicy<ArcOrder>;

}  // namespace cachegauge
