// Belady's MIN, also called OPT: evicts the object whose next use lies furthest ahead. Belady, "A
// study of replacement algorithms for a virtual-storage computer", IBM Systems Journal 1966. Among
// caches that take every object in, objects being of one size and none expiring, no other misses
// less often (Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM
// Systems Journal 1970). It must be told the future, so it serves the simulator alone.
//
// The order is a heap of next uses from which nothing is removed when an object is used again: what
// it then holds of the object lies in the past, and so below everything that is to come. A use is
// one push, which for an object in steady use stays at the bottom.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"

namespace cachegauge {

class BeladyOrder {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "belady",
      .summary = "evicts what is used again last; knows the future, so it is for `simulate` alone",
      .paper = "Belady, A study of replacement algorithms for a virtual-storage computer, 1966",
      .needs = kNeedsCapacity | kNeedsTheFuture};

  explicit BeladyOrder(const PolicySettings&) {}

  void enter(const Access& access) {
    ++items_;
    push(access);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    push(access);
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    next_uses_[slot] = kAbsent;
    --items_;
  }
  template <class Sizes>
  uint32_t victim(const Sizes&) {
    while (!is_current(heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end());
      heap_.pop_back();
    }
    return heap_.front().slot;
  }

  bool holds(uint32_t slot) const { return next_uses_[slot] != kAbsent; }
  void reserve(uint32_t slots) { grow_exactly(next_uses_, slots); }
  void prefetch(uint32_t slot) const { __builtin_prefetch(&next_uses_[slot], 1); }
  size_t bytes() const { return held_bytes(next_uses_) + held_bytes(heap_); }

 private:
  static constexpr uint64_t kAbsent = 0;  // a next use is never the first request of all
  static constexpr size_t kSpare = 64;

  struct Use {
    uint64_t next;
    uint32_t slot;
    bool operator<(const Use& other) const { return next < other.next; }
  };

  bool is_current(const Use& use) const { return next_uses_[use.slot] == use.next; }

  void push(const Access& access) {
    next_uses_[access.slot] = access.next_use;
    if (heap_.size() >= 2 * items_ + kSpare) drop_the_past();
    heap_.push_back({access.next_use, access.slot});
    std::push_heap(heap_.begin(), heap_.end());
  }

  [[gnu::noinline]] void drop_the_past() {
    std::erase_if(heap_, [&](const Use& use) { return !is_current(use); });
    std::make_heap(heap_.begin(), heap_.end());
  }

  std::vector<uint64_t> next_uses_;  // by slot
  std::vector<Use> heap_;            // the furthest first; up to twice as many as there are objects
  uint64_t items_ = 0;
};

using BeladyPolicy = OrderPolicy<BeladyOrder>;

}  // namespace cachegauge
