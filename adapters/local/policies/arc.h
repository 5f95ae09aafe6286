// ARC: an LRU list of what was used once and one of what was used again, whose shares follow the
// hits on their ghosts. Megiddo, Modha, "ARC: a self-tuning, low overhead replacement cache", FAST
// 2003, with the paper's names: T1 and T2 are the lists of residents, B1 and B2 those of their
// ghosts, p is the size that T1 should have.
//
// Two things are said differently here, to the same effect. Room is made before ghosts are counted
// out, where the paper counts first: the ghosts left are the same ones. And where T1 fills the
// cache the paper discards its last page; here that page becomes a ghost, and is at once one too
// many.
//
// p is a real number, as in the paper's formulas. With a capacity in bytes p is in bytes, a hit on
// a ghost moves it in proportion to the object's size, and ghosts are counted in entries, the
// paper's c then being the number of objects held.
#pragma once

#include <algorithm>
#include <cstdint>

#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

class ArcOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "arc",
      .summary = "recent and frequent objects in two LRU lists that adapt their shares",
      .paper = "Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, 2003"};

  explicit ArcOrder(const PolicySettings& settings) : limit_(settings.capacity.limit) {}

  void recall(const Access& access) {
    coming_from_ = lists_.list_of(access.slot);
    if (coming_from_ == kNowhere) return;
    const double b1 = static_cast<double>(lists_.count(kB1));
    const double b2 = static_cast<double>(lists_.count(kB2));
    const double size = static_cast<double>(access.size);
    if (coming_from_ == kB1) {
      p_ = std::min(static_cast<double>(limit_), p_ + std::max(b2 / b1, 1.0) * size);
    } else {
      p_ = std::max(0.0, p_ - std::max(b1 / b2, 1.0) * size);
    }
    lists_.unlink(access.slot, coming_from_);
  }
  void enter(const Access& access) {
    if (coming_from_ == kNowhere) {
      lists_.push_front(access.slot, kT1);
      t1_used_ += access.size;
    } else {
      lists_.push_front(access.slot, kT2);
      coming_from_ = kNowhere;
    }
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    const uint32_t list = lists_.list_of(access.slot);
    if (list == kT1) t1_used_ -= access.size;
    lists_.move_to_front(access.slot, list, kT2);
  }
  void resized(const Access& access, uint64_t old_size) {
    if (lists_.list_of(access.slot) == kT1) t1_used_ += access.size - old_size;
  }
  void leave(uint32_t slot, uint64_t size) { unlink_resident(slot, size); }
  bool retire(uint32_t slot, uint64_t size) {
    lists_.push_front(slot, unlink_resident(slot, size) == kT1 ? kB1 : kB2);
    return true;
  }

  // The paper's REPLACE.
  template <class Sizes>
  uint32_t victim(const Sizes&) const {
    const auto t1 = static_cast<double>(t1_used_);
    const bool above = t1 > p_ || (coming_from_ == kB2 && t1 == p_);
    const bool from_t1 = lists_.count(kT2) == 0 || (above && lists_.count(kT1) > 0);
    return lists_.back(from_t1 ? kT1 : kT2);
  }

  uint32_t surplus_ghost(uint64_t room) const {
    const uint64_t l1 = lists_.count(kT1) + lists_.count(kB1);
    if (l1 > room && lists_.count(kB1) > 0) return lists_.back(kB1);
    const uint64_t l2 = lists_.count(kT2) + lists_.count(kB2);
    return l1 + l2 > 2 * room ? lists_.back(kB2) : kNoSlot;
  }
  void forget(uint32_t slot) { lists_.unlink(slot, lists_.list_of(slot)); }
  uint64_t max_ghosts() const { return limit_; }

  bool holds(uint32_t slot) const { return lists_.list_of(slot) <= kT2; }
  void reserve(uint32_t slots) { lists_.reserve(slots); }
  void prefetch(uint32_t slot) const { lists_.prefetch(slot); }
  size_t bytes() const { return lists_.bytes(); }

 private:
  enum List : uint32_t { kT1, kT2, kB1, kB2, kNowhere };

  // The list that it was in.
  uint32_t unlink_resident(uint32_t slot, uint64_t size) {
    const uint32_t list = lists_.list_of(slot);
    lists_.unlink(slot, list);
    if (list == kT1) t1_used_ -= size;
    return list;
  }

  uint64_t limit_;
  SlotSegments<4> lists_;
  uint64_t t1_used_ = 0;  // what T1's objects take
  double p_ = 0;
  uint32_t coming_from_ = kNowhere;  // the ghost list of the object that is about to enter
};

using ArcPolicy = OrderPolicy<ArcOrder>;

}  // namespace cachegauge
