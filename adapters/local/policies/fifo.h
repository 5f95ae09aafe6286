// FIFO: evicts the object that has been held longest, however often it was used. Belady, "A study
// of replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_lists.h"

namespace cachegauge {

class FifoOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "fifo",
      .summary = "evicts the object that was inserted first",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit FifoOrder(const PolicySettings&) {}

  void enter(const Access& access) { by_age_.push_front(access.slot); }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) { by_age_.unlink(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    return by_age_.back();
  }

  bool holds(uint32_t slot) const { return by_age_.linked(slot); }
  void reserve(uint32_t slots) { by_age_.reserve(slots); }
  void prefetch(uint32_t slot) const { by_age_.prefetch(slot); }
  size_t bytes() const { return by_age_.bytes(); }

 private:
  SlotLists<> by_age_;
};

using FifoPolicy = OrderPolicy<FifoOrder>;

}  // namespace cachegauge
