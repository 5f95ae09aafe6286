// What ARC and CAR share (arc.h, car.h): two lists of residents, two of their ghosts, and the
// shares that follow the hits on those. Names are those of the papers: T1 and B1 are for what was
// used once, T2 and B2 for what was used again, and p is the size that T1 should have.
//
// p is a real number, as in the papers' formulas. With a capacity in bytes p is in bytes, a hit on
// a ghost moves it in proportion to the object's size, and ghosts are counted in entries, the
// papers' c then being the number of objects held.
#pragma once

#include <algorithm>
#include <cstdint>

#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

class ArcLists {
 public:
  enum List : uint32_t { kT1, kT2, kB1, kB2, kNowhere };

  explicit ArcLists(const PolicySettings& settings) : limit_(settings.capacity.limit) {}

  uint32_t list_of(uint32_t slot) const { return lists_.list_of(slot); }
  uint64_t count(List list) const { return lists_.count(list); }
  uint32_t back(List list) const { return lists_.back(list); }
  double p() const { return p_; }
  double t1_used() const { return static_cast<double>(t1_used_); }

  // The object is about to enter.
  void recall(const Access& access) {
    coming_from_ = list_of(access.slot);
    if (coming_from_ != kNowhere) lists_.unlink(access.slot, coming_from_);
  }
  // Where recall() found it, until it has entered: kB1, kB2 or kNowhere.
  uint32_t coming_from() const { return coming_from_; }
  // Moves p, after the recall() of an object of this size.
  void adapt(uint64_t size) {
    if (coming_from_ != kNowhere) p_ = p_after(coming_from_, size);
  }
  // What p is to be after an object of this size has come from there.
  double p_after(uint32_t from, uint64_t size) const {
    const double b1 = static_cast<double>(count(kB1) + (coming_from_ == kB1));
    const double b2 = static_cast<double>(count(kB2) + (coming_from_ == kB2));
    if (from == kB1) {
      return std::min(static_cast<double>(limit_),
                      p_ + std::max(b2 / b1, 1.0) * static_cast<double>(size));
    }
    if (from == kB2) {
      return std::max(0.0, p_ - std::max(b1 / b2, 1.0) * static_cast<double>(size));
    }
    return p_;
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
  // A resident goes to the front of T2.
  void move_to_t2(uint32_t slot, uint64_t size) {
    lists_.move_to_front(slot, count_out(slot, size), kT2);
  }
  void resized(const Access& access, uint64_t old_size) {
    if (list_of(access.slot) == kT1) t1_used_ += access.size - old_size;
  }
  void leave(uint32_t slot, uint64_t size) { lists_.unlink(slot, count_out(slot, size)); }
  bool retire(uint32_t slot, uint64_t size) {
    const uint32_t from = count_out(slot, size);
    lists_.move_to_front(slot, from, from == kT1 ? kB1 : kB2);
    return true;
  }

  uint32_t surplus_ghost(uint64_t room) const {
    const uint64_t l1 = count(kT1) + count(kB1);
    if (l1 > room && count(kB1) > 0) return back(kB1);
    const uint64_t l2 = count(kT2) + count(kB2);
    return l1 + l2 > 2 * room ? back(kB2) : kNoSlot;
  }
  void forget(uint32_t slot) { lists_.unlink(slot, list_of(slot)); }
  uint64_t max_ghosts() const { return limit_; }

  bool holds(uint32_t slot) const { return list_of(slot) <= kT2; }
  void reserve(uint32_t slots) { lists_.reserve(slots); }
  void prefetch(uint32_t slot) const { lists_.prefetch(slot); }
  size_t bytes() const { return lists_.bytes(); }

 private:
  // The list that a resident is in, and will leave.
  uint32_t count_out(uint32_t slot, uint64_t size) {
    const uint32_t list = list_of(slot);
    if (list == kT1) t1_used_ -= size;
    return list;
  }

  uint64_t limit_;
  SlotSegments<4> lists_;
  uint64_t t1_used_ = 0;  // what T1's objects take
  double p_ = 0;
  uint32_t coming_from_ = kNowhere;
};

}  // namespace cachegauge
