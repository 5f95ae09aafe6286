// 2Q, full version. Johnson, Shasha, "2Q: a low overhead high performance buffer management
// replacement algorithm", VLDB 1994, with the paper's names.
//
// New objects enter a FIFO queue, A1in. What is evicted from it is remembered in a FIFO queue of
// ghosts, A1out, and an object that comes back from there enters Am, an LRU list. A1in is the one
// to evict from while it is above its part, and otherwise Am, whose victims are not remembered. A
// hit in A1in changes nothing: uses close together count as one.
//
// Where Am is empty the victim is A1in's, which matters to caches of a few entries. Parts are
// rounded down: that of A1in is none below four entries. A1out has room for one object at least,
// and with a capacity in bytes for so many in proportion to those held.
#pragma once

#include <algorithm>
#include <cstdint>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

class TwoQueuesOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"kin", "share = 25%", "A1in's part of the capacity"},
      {"kout", "share = 50%", "how many evicted objects A1out remembers, to those it can hold"}};
  static constexpr PolicyInfo kInfo = {
      .name = "2q",
      .summary = "FIFO first, and LRU for objects that come back after it",
      .paper =
          "Johnson, Shasha, 2Q: a low overhead high performance buffer management "
          "replacement algorithm, 1994",
      .params = kParams};

  explicit TwoQueuesOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        in_limit_(share_of(limit_, settings.spec.share("kin", 0.25))),
        out_share_(settings.spec.share("kout", 0.5)) {}

  void recall(const Access& access) {
    returning_ = lists_.list_of(access.slot) == kA1Out;
    if (returning_) forget(access.slot);
  }
  void enter(const Access& access) {
    lists_.push_front(access.slot, returning_ ? kAm : kA1In);
    if (!returning_) in_used_ += access.size;
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    if (lists_.list_of(access.slot) == kAm) lists_.move_to_front(access.slot, kAm, kAm);
  }
  void resized(const Access& access, uint64_t old_size) {
    if (lists_.list_of(access.slot) == kA1In) in_used_ += access.size - old_size;
  }
  void leave(uint32_t slot, uint64_t size) {
    const uint32_t list = lists_.list_of(slot);
    if (list == kA1In) in_used_ -= size;
    lists_.unlink(slot, list);
  }
  bool retire(uint32_t slot, uint64_t size) {
    if (lists_.list_of(slot) == kAm) return false;
    leave(slot, size);
    lists_.push_front(slot, kA1Out);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    const bool from_in = in_used_ > in_limit_ || lists_.count(kAm) == 0;
    return lists_.back(from_in ? kA1In : kAm);
  }

  uint32_t surplus_ghost(uint64_t room) const {
    return lists_.count(kA1Out) > ghosts_for(room) ? lists_.back(kA1Out) : kNoSlot;
  }
  void forget(uint32_t slot) { lists_.unlink(slot, kA1Out); }
  uint64_t max_ghosts() const { return ghosts_for(limit_); }

  bool holds(uint32_t slot) const { return lists_.list_of(slot) <= kAm; }
  void reserve(uint32_t slots) { lists_.reserve(slots); }
  void prefetch(uint32_t slot) const { lists_.prefetch(slot); }
  size_t bytes() const { return lists_.bytes(); }

 private:
  enum List : uint32_t { kA1In, kAm, kA1Out, kLists };

  uint64_t ghosts_for(uint64_t room) const {
    return std::max<uint64_t>(1, share_of(room, out_share_));
  }

  uint64_t limit_;
  uint64_t in_limit_;
  double out_share_;
  SlotSegments<kLists> lists_;
  uint64_t in_used_ = 0;    // what A1in's objects take
  bool returning_ = false;  // what enters next was a ghost
};

using TwoQueuesPolicy = OrderPolicy<TwoQueuesOrder>;

}  // namespace cachegauge
