// MRU: evicts the object that was used last, which for requests that go round in a loop longer than
// the cache is the one used again last. Chou, DeWitt, "An evaluation of buffer management
// strategies for relational database systems", VLDB 1985.
#pragma once

#include "adapters/local/policies/lru.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class MruOrder : public LruOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "mru",
      .summary = "evicts the most recently used object: for loops longer than the cache",
      .paper =
          "Chou, DeWitt, An evaluation of buffer management strategies for relational database "
          "systems, 1985"};

  using LruOrder::LruOrder;

  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return by_recency_.front();
  }
  bool can_serve() const = delete;  // LRU's evicts the back
};

using MruPolicy = OrderPolicy<MruOrder>;

}  // namespace cachegauge
