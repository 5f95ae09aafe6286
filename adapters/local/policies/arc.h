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

class ArcOrder : public ArcLists {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "arc",
      .summary = "recent and frequent objects in two LRU lists that adapt their shares",
      .paper = "Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, 2003"};

  using ArcLists::ArcLists;

  void recall(const Access& access) {
    ArcLists::recall(access);
    adapt(access.size);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    move_to_t2(access.slot, access.size);
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return victim_for(coming_from(), p());
  }
  template <class Sizes>
  uint32_t next_victim(const Access& access, const Sizes&) const {
    const uint32_t from = list_of(access.slot);
    return victim_for(from, p_after(from, access.size));
  }

 private:
  // The paper's REPLACE, for what comes from this list.
  uint32_t victim_for(uint32_t from, double p) const {
    const bool above = t1_used() > p || (from == kB2 && t1_used() == p);
    const bool from_t1 = count(kT2) == 0 || (above && count(kT1) > 0);
    return back(from_t1 ? kT1 : kT2);
  }
};

using ArcPolicy = OrderPolicy<ArcOrder>;

}  // namespace cachegauge
