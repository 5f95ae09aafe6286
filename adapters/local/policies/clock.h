// CLOCK: FIFO with a second chance. Corbató, "A paging experiment with the Multics system", 1969.
//
// The hand is the front of a queue: an object found there with its reference bit set loses the bit
// and goes to the back, the first one without is the victim. That is the circular buffer of the
// paper with the new object put just behind the hand. A new object starts with its bit clear: it
// has been referenced once, by its insertion, and that alone shall not earn it a second round.
//
// With more than one bit it is generalized CLOCK: a hit adds one to a counter of so many bits, as
// far as it goes, and each visit of the hand takes one away. Smith, "Sequentiality and prefetching
// in database systems", ACM TODS 1978. (The paper of 1969 has several bits, too, but as a shift
// register: there a hit counts for so many rounds.)
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/slot_queue.h"

namespace cachegauge {

class ClockOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"bits", "count = 1", "1 to 8: with k bits up to 2^k - 1 hits are worth a round each"}};
  static constexpr PolicyInfo kInfo = {
      .name = "clock",
      .summary = "FIFO that passes over objects used since the hand last saw them",
      .paper = "Corbato, A paging experiment with the Multics system, 1969",
      .params = kParams};

  explicit ClockOrder(const PolicySettings& settings)
      : queue_(settings.capacity.in_bytes ? kMaxSlots : settings.capacity.limit),
        most_((1u << count_between(settings.spec, "bits", 1, 1, 8)) - 1) {}

  void enter(const Access& access) {
    queue_.push_back(access.slot);
    if (counts()) counts_[access.slot] = 0;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    queue_.mark(access.slot);
    if (counts() && counts_[access.slot] < most_) ++counts_[access.slot];
  }
  void leave(uint32_t slot, uint64_t /*size*/) { queue_.remove(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    uint32_t slot = queue_.front();
    while (queue_.front_marked()) {
      queue_.move_front_to_back();
      if (counts() && --counts_[slot] > 0) queue_.mark(slot);
      slot = queue_.front();
    }
    return slot;
  }

  bool can_serve() const { return !counts() && queue_.ring_is_full(); }
  uint64_t serve(std::span<const uint32_t> slots) { return queue_.serve<true>(slots); }

  bool holds(uint32_t slot) const { return queue_.queued(slot); }
  void reserve(uint32_t slots) {
    queue_.reserve(slots);
    if (counts()) grow_exactly(counts_, slots);
  }
  void prefetch(uint32_t slot) const {
    queue_.prefetch(slot);
    if (counts()) __builtin_prefetch(&counts_[slot], 1);
  }
  size_t bytes() const { return queue_.bytes() + held_bytes(counts_); }

 private:
  bool counts() const { return most_ > 1; }

  SlotQueue queue_;  // its marks are the reference bits: whether the count is above 0
  uint32_t most_;
  std::vector<uint8_t> counts_;  // by slot; empty where the marks say all
};

using ClockPolicy = OrderPolicy<ClockOrder>;

}  // namespace cachegauge
