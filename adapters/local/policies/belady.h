// Belady's MIN, also called OPT: evicts the object whose next use lies furthest ahead. Belady, "A
// study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966. Among
// caches that take every object in, objects being of one size and none expiring, no other misses
// less often (Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM
// Systems Journal 1970). It must be told the future, so it serves the simulator alone.
//
// The order is a calendar of next uses (use_pages.h) from which nothing is removed when an object
// is used again: what it then has of the object lies in the past. Nor is it when an object is
// deleted, unless it was the furthest. What is never used again goes first, the last to be so first
// of all.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/use_pages.h"

namespace cachegauge {

class BeladyOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "belady",
      .summary = "evicts what is used again last; knows the future, so it is for `simulate` alone",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966",
      .needs = kNeedsCapacity | kNeedsTheFuture,
      .bytes_of_resident = 32};

  explicit BeladyOrder(const PolicySettings&) {}

  void enter(const Access& access) {
    ++items_;
    note(access);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    const uint64_t now = next_uses_[access.slot];
    if (now != kNeverUsed) uses_.pass(now);
    note(access);
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    const uint64_t next_use = std::exchange(next_uses_[slot], kAbsent);
    if (next_use != kNeverUsed) uses_.drop_last(next_use, slot);
    --items_;
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    for (; !never_used_.empty(); never_used_.pop_back()) {
      if (next_uses_[never_used_.back()] == kNeverUsed) return never_used_.back();
    }
    UsePages::Use use = uses_.furthest();
    for (; next_uses_[use.slot] != use.position; use = uses_.furthest()) uses_.drop_furthest();
    prefetch(uses_.likely_next_slot());
    return use.slot;
  }

  bool holds(uint32_t slot) const { return next_uses_[slot] != kAbsent; }
  void reserve(uint32_t slots) { grow_exactly(next_uses_, slots); }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&next_uses_[slot], 1); }
  size_t bytes() const { return held_bytes(next_uses_) + uses_.bytes() + held_bytes(never_used_); }

 private:
  static constexpr uint64_t kAbsent = 0;  // a next use is never the first request of all
  static constexpr size_t kSpare = 64;

  void note(const Access& access) {
    next_uses_[access.slot] = access.next_use;
    if (access.next_use != kNeverUsed) return uses_.add(access.next_use, access.slot);
    if (never_used_.size() >= 2 * items_ + kSpare) drop_the_gone();
    never_used_.push_back(access.slot);
  }

  // Deletes may have left behind what has gone, or is there twice.
  [[gnu::noinline]] void drop_the_gone() {
    std::erase_if(never_used_, [&](uint32_t slot) { return next_uses_[slot] != kNeverUsed; });
    std::sort(never_used_.begin(), never_used_.end());
    never_used_.erase(std::unique(never_used_.begin(), never_used_.end()), never_used_.end());
  }

  std::vector<uint64_t> next_uses_;   // by slot
  UsePages uses_;                     // of residents, and such as were
  std::vector<uint32_t> never_used_;  // again; residents, and such as were
  uint64_t items_ = 0;
};

using BeladyPolicy = OrderPolicy<BeladyOrder>;

}  // namespace cachegauge
