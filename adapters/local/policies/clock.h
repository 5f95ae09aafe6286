// CLOCK: FIFO with a second chance. Corbató, "A paging experiment with the Multics system", 1969.
//
// The hand is the front of a queue: an object found there with its reference bit set loses the bit
// and goes to the back, the first one without is the victim. That is the circular buffer of the
// paper with the new object put just behind the hand. A new object starts with its bit clear: it
// has been referenced once, by its insertion, and that alone shall not earn it a second round.
#pragma once

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_queue.h"

namespace cachegauge {

class ClockOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "clock",
      .summary = "FIFO that passes over objects used since the hand last saw them",
      .paper = "Corbato, A paging experiment with the Multics system, 1969"};

  static constexpr bool kVictimStands = true;  // where the hand stopped

  explicit ClockOrder(const PolicySettings& settings)
      : queue_(settings.capacity.in_bytes ? kMaxSlots : settings.capacity.limit) {}

  void enter(const Access& access) { queue_.push_back(access.slot); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    queue_.mark(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) { queue_.remove(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    uint32_t slot = queue_.front();
    while (queue_.front_marked()) {
      queue_.move_front_to_back();
      slot = queue_.front();
    }
    return slot;
  }

  bool holds(uint32_t slot) const { return queue_.queued(slot); }
  void reserve(uint32_t slots) { queue_.reserve(slots); }
  void prefetch(uint32_t slot) const { queue_.prefetch(slot); }
  size_t bytes() const { return queue_.bytes(); }

 private:
  SlotQueue queue_;  // its marks are the reference bits
};

using ClockPolicy = OrderPolicy<ClockOrder>;

}  // namespace cachegauge
