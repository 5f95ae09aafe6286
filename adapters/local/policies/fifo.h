// FIFO: evicts the object that has been held longest, however often it was used. Belady, "A study
// of replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966.
#pragma once

#include <cstdint>
#include <span>

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_queue.h"

namespace cachegauge {

class FifoOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "fifo",
      .summary = "evicts the object that was inserted first",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966"};

  explicit FifoOrder(const PolicySettings& settings)
      : queue_(settings.capacity.in_bytes ? kMaxSlots : settings.capacity.limit) {}

  void enter(const Access& access) { queue_.push_back(access.slot); }
  template <class Sizes>
  void touch(const Access&, const Sizes&) {}
  void leave(uint32_t slot, uint64_t /*size*/) { queue_.remove(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return queue_.front();
  }

  bool can_serve() const { return queue_.ring_is_full(); }
  uint64_t serve(std::span<const uint32_t> slots) { return queue_.serve<false>(slots); }

  bool holds(uint32_t slot) const { return queue_.queued(slot); }
  void reserve(uint32_t slots) { queue_.reserve(slots); }
  void prefetch(uint32_t slot) const { queue_.prefetch(slot); }
  size_t bytes() const { return queue_.bytes(); }

 private:
  SlotQueue queue_;
};

using FifoPolicy = OrderPolicy<FifoOrder>;

}  // namespace cachegauge
