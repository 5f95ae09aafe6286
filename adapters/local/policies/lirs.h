// LIRS: keeps what was used twice within a short time, however long ago that was. Jiang, Zhang,
// "LIRS: an efficient low inter-reference recency set replacement policy to improve buffer cache
// performance", SIGMETRICS 2002, with the paper's names.
//
// Nearly the whole cache holds LIR objects, those of low inter-reference recency; the rest holds
// HIR ones in a queue, Q, from whose front objects are evicted. A stack, S, has all LIR objects,
// and of the HIR ones, those that were evicted included, what was used since the LIR object at its
// bottom was. A HIR object that is used while it is in S becomes LIR, and the one at the bottom
// goes to Q in its stead. S is then pruned, so that its bottom is LIR.
//
// The paper sets no bound to the ghosts in S. Here there are at most as many as the cache has room
// for (times `ghosts`); beyond that the one evicted first is forgotten. The HIR part has room
// for one object at least. Where the LIR part has room (at the start, or after deletes) what enters
// is LIR at once. With a capacity in bytes the parts are counted in bytes, and an object larger
// than the LIR part stays HIR.
#pragma once

#include <algorithm>
#include <cstdint>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/slot_lists.h"
#include "adapters/local/policies/slot_segments.h"

namespace cachegauge {

class LirsOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"hir", "share = 1%", "the part of the capacity for what is not known to be used often"},
      {"ghosts", "number = 1", "how many evicted objects it remembers, for each it can hold"}};
  static constexpr PolicyInfo kInfo = {
      .name = "lirs",
      .summary = "keeps what was used twice within the shortest time",
      .paper =
          "Jiang, Zhang, LIRS: an efficient low inter-reference recency set replacement policy, "
          "2002",
      .params = kParams};

  explicit LirsOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        lir_limit_(limit_ -
                   std::max<uint64_t>(1, share_of(limit_, settings.spec.share("hir", 0.01)))),
        ghosts_(number_between(settings.spec, "ghosts", 1, 0, 100)) {}

  void recall(const Access& access) {
    const uint32_t queue = queues_.list_of(access.slot);
    returning_ = queue == kGhosts;
    if (queue != kNone) forget(access.slot);
  }
  template <class Sizes>
  void enter(const Access& access, const Sizes& sizes) {
    const bool room = lir_used_ + access.size <= lir_limit_;
    stack_.push_front(access.slot);
    if (room || (returning_ && access.size <= lir_limit_)) {
      become_lir(access.size, sizes);
    } else {
      queues_.push_front(access.slot, kQ);
    }
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes& sizes) {
    const uint32_t slot = access.slot;
    if (is_lir(slot)) {
      const bool was_bottom = stack_.back() == slot;
      stack_.move_to_front(slot);
      if (was_bottom) prune();
      return;
    }
    const bool promoted = stack_.linked(slot) && access.size <= lir_limit_;
    if (stack_.linked(slot)) stack_.unlink(slot);
    stack_.push_front(slot);
    queues_.unlink(slot, kQ);
    if (promoted) {
      become_lir(access.size, sizes);
    } else {
      queues_.push_front(slot, kQ);
    }
  }
  template <class Sizes>
  void resized(const Access& access, uint64_t old_size, const Sizes& sizes) {
    if (is_lir(access.slot)) become_lir(access.size - old_size, sizes);
  }
  void leave(uint32_t slot, uint64_t size) {
    const bool was_lir = is_lir(slot);
    if (stack_.linked(slot)) stack_.unlink(slot);
    if (was_lir) {
      lir_used_ -= size;
      prune();
    } else {
      queues_.unlink(slot, kQ);
    }
  }
  bool retire(uint32_t slot, uint64_t /*size*/) {
    if (is_lir(slot) || !stack_.linked(slot)) return false;
    queues_.move_to_front(slot, kQ, kGhosts);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) {
    if (queues_.count(kQ) > 0) return queues_.back(kQ);
    prune();
    return stack_.back();
  }

  uint32_t surplus_ghost(uint64_t room) const {
    if (queues_.count(kPruned) > 0) return queues_.back(kPruned);
    return queues_.count(kGhosts) > ghosts_for(room) ? queues_.back(kGhosts) : kNoSlot;
  }
  void forget(uint32_t slot) {
    queues_.unlink(slot, queues_.list_of(slot));
    if (stack_.linked(slot)) stack_.unlink(slot);
  }
  uint64_t max_ghosts() const { return ghosts_for(limit_); }

  bool holds(uint32_t slot) const { return queues_.list_of(slot) == kQ || is_lir(slot); }
  void reserve(uint32_t slots) {
    stack_.reserve(slots);
    queues_.reserve(slots);
  }
  void prefetch(uint32_t slot) const {
    stack_.prefetch(slot);
    queues_.prefetch(slot);
  }
  size_t bytes() const { return stack_.bytes() + queues_.bytes(); }

 private:
  // Ghosts that were pruned from S are of no use, and forgotten when the user can be told.
  enum Queue : uint32_t { kQ, kGhosts, kPruned, kNone };

  bool is_lir(uint32_t slot) const { return queues_.list_of(slot) == kNone && stack_.linked(slot); }
  uint64_t ghosts_for(uint64_t room) const { return share_of(room, ghosts_); }

  // The LIR part has grown by so much, and gives up what it has no room for.
  template <class Sizes>
  void become_lir(uint64_t size, const Sizes& sizes) {
    lir_used_ += size;
    prune();
    while (lir_used_ > lir_limit_) {
      const uint32_t slot = stack_.back();
      lir_used_ -= sizes.size(slot);
      stack_.unlink(slot);
      queues_.push_front(slot, kQ);
      prune();
    }
  }

  void prune() {
    for (uint32_t slot; (slot = stack_.back()) != kNoSlot && !is_lir(slot);) {
      stack_.unlink(slot);
      if (queues_.list_of(slot) == kGhosts) queues_.move_to_front(slot, kGhosts, kPruned);
    }
  }

  uint64_t limit_;
  uint64_t lir_limit_;
  double ghosts_;
  SlotLists<> stack_;       // S
  SlotSegments<3> queues_;  // of what is in S or Q and not LIR
  uint64_t lir_used_ = 0;   // what LIR objects take
  bool returning_ = false;  // what enters next was a ghost in S
};

using LirsPolicy = OrderPolicy<LirsOrder>;

}  // namespace cachegauge
