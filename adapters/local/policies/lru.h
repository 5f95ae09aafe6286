// LRU: evicts the object whose last use lies furthest back. Mattson, Gecsei, Slutz, Traiger,
// "Evaluation techniques for storage hierarchies", IBM Systems Journal 1970, where it is the stack
// algorithm that the others are compared with.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

class LruOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "lru",
      .summary = "evicts the least recently used object",
      .paper = "Mattson et al., Evaluation techniques for storage hierarchies, 1970"};

  explicit LruOrder(const PolicySettings&) {}

  void enter(const Access& access) { by_recency_.push_front(access.slot); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    by_recency_.move_to_front(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { by_recency_.unlink(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return by_recency_.back();
  }

  // With nothing in the loop but the list a request takes a sixth less.
  bool can_serve() const { return true; }
  uint64_t serve(std::span<const uint32_t> slots) {
    uint64_t hits = 0;
    for (size_t i = 0; i < slots.size(); ++i) {
      by_recency_.prefetch(slots[std::min(i + kRequestsAhead, slots.size() - 1)]);
      const uint32_t slot = slots[i];
      if (by_recency_.linked(slot)) {
        ++hits;
        by_recency_.unlink(slot);
      } else {
        by_recency_.unlink(by_recency_.back());
      }
      by_recency_.push_front(slot);
    }
    return hits;
  }

  bool holds(uint32_t slot) const { return by_recency_.linked(slot); }
  void reserve(uint32_t slots) { by_recency_.reserve(slots); }
  void prefetch(uint32_t slot) const { by_recency_.prefetch(slot); }
  size_t bytes() const { return by_recency_.bytes(); }

 protected:
  SlotLists<> by_recency_;
};

using LruPolicy = OrderPolicy<LruOrder>;

}  // namespace cachegauge
