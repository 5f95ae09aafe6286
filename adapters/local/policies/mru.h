// MRU: evicts the object that was used last, which for requests that go round in a loop longer than
// the cache is the one used again last. Chou, DeWitt, "An evaluation of buffer management
// strategies for relational database systems", VLDB 1985.
#pragma once

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

class MruOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "mru",
      .summary = "evicts the most recently used object: for loops longer than the cache",
      .paper =
          "Chou, DeWitt, An evaluation of buffer management strategies for relational database "
          "systems, 1985"};

  explicit MruOrder(const PolicySettings&) {}

  void enter(const Access& access) { by_recency_.push_front(access.slot); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    by_recency_.move_to_front(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { by_recency_.unlink(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return by_recency_.front();
  }

  bool holds(uint32_t slot) const { return by_recency_.linked(slot); }
  void reserve(uint32_t slots) { by_recency_.reserve(slots); }
  void prefetch(uint32_t slot) const { by_recency_.prefetch(slot); }
  size_t bytes() const { return by_recency_.bytes(); }

 private:
  SlotLists<> by_recency_;
};

using MruPolicy = OrderPolicy<MruOrder>;

}  // namespace cachegauge
