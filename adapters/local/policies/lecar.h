// LeCaR: chooses between LRU and LFU for each victim, by chance, with weights that it learns from
// what it regrets. Vietri, Rodriguez, Martinez, Lyons, Liu, Rangaswami, Zhao, Narasimhan, "Driving
// cache replacement with ML-based LeCaR", HotStorage 2018.
//
// What was evicted on the word of one of the two is remembered as that one's mistake. When it comes
// back, the weight of the other is multiplied by e^(rate * d^t), t being the time since the
// eviction, so that an early mistake weighs more, and the two are scaled to add up to 1. Time is
// counted in uses and insertions. Each history is as long as the cache holds objects, and d^length
// = 0.005. The learning rate is the paper's, 0.45.
//
// As in the authors' program a remembered object comes back with the uses that it had, and no
// weight falls below 1 %, lest one of the two is never heard again. Among objects used equally
// often LFU's is the least recently used; theirs is that of the lowest key.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "adapters/local/policies/lfu_buckets.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/two_experts.h"
#include "harness/core/random.h"

namespace cachegauge {

// Of what is remembered.
struct LecarPast {
  uint64_t uses;
  uint64_t evicted;  // when
};

// By uses the last of equals is what was used last.
class LecarOrder : public TwoExperts<3, LfuBuckets, LecarPast> {
 public:
  static constexpr ParamInfo kParams[] = {
      {"rate", "number = 0.45", "how fast it learns from an object that comes back"}};
  static constexpr PolicyInfo kInfo = {
      .name = "lecar",
      .summary = "LRU or LFU for each victim, by chance, as what came back has taught it",
      .paper = "Vietri et al., Driving cache replacement with ML-based LeCaR, 2018",
      .params = kParams};

  explicit LecarOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        rate_(number_between(settings.spec, "rate", 0.45, 0, 10)),
        random_(settings.seed) {}

  void recall(const Access& access) {
    const uint32_t list = lists_.list_of(access.slot);
    earlier_uses_ = 0;
    if (list == kNowhere) return;
    const LecarPast& past = lives_[access.slot];
    earlier_uses_ = past.uses;
    set_lru_weight(lru_weight_after(access));
    lists_.unlink(access.slot, list);
  }
  void enter(const Access& access) {
    ++now_;
    lists_.push_front(access.slot, kHeld);
    by_uses_.enter(access.slot, earlier_uses_ + 1);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    ++now_;
    lists_.move_to_front(access.slot, kHeld, kHeld);
    by_uses_.touch(access.slot);
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    lists_.unlink(slot, kHeld);
    by_uses_.leave(slot);
  }
  bool retire(uint32_t slot, uint64_t size) {
    lives_[slot] = {.uses = by_uses_.count_of(slot), .evicted = now_};
    leave(slot, size);
    lists_.push_front(slot, chosen_);
    return true;
  }

  template <class Sizes>
  uint32_t victim(const Sizes&) {
    return draw_victim(lru_weight());
  }
  template <class Sizes>
  uint32_t next_victim(const Access& access, const Sizes&) {
    return draw_victim(lru_weight_after(access));
  }

  uint32_t surplus_ghost(uint64_t room) const {
    if (lists_.count(kLruHistory) > room) return lists_.back(kLruHistory);
    return lists_.count(kLfuHistory) > room ? lists_.back(kLfuHistory) : kNoSlot;
  }
  void forget(uint32_t slot) { lists_.unlink(slot, lists_.list_of(slot)); }
  uint64_t max_ghosts() const { return 2 * limit_; }

  bool holds(uint32_t slot) const { return lists_.list_of(slot) == kHeld; }

 private:
  enum List : uint32_t { kHeld, kLruHistory, kLfuHistory, kNowhere };

  // What is learned from the return of an object that one of the two had evicted.
  double lru_weight_after(const Access& access) const {
    const uint32_t list = lists_.list_of(access.slot);
    if (list == kNowhere) return lru_weight();
    const auto absence = static_cast<double>(now_ - lives_[access.slot].evicted);
    const auto room = static_cast<double>(lists_.count(kHeld));
    const double regret = std::pow(0.005, absence / std::max(room, 1.0));
    const double gain = std::exp(rate_ * regret);
    return list == kLruHistory ? lru_weight_times(1, gain) : lru_weight_times(gain, 1);
  }
  uint32_t draw_victim(double lru_weight) {
    chosen_ = random_.uniform() < lru_weight ? kLruHistory : kLfuHistory;
    return chosen_ == kLruHistory ? lists_.back(kHeld) : by_uses_.victim();
  }

  uint64_t limit_;
  double rate_;
  SplitMix64 random_;
  uint64_t earlier_uses_ = 0;  // of what enters next
  List chosen_ = kLruHistory;
  uint64_t now_ = 0;
};

using LecarPolicy = OrderPolicy<LecarOrder>;

}  // namespace cachegauge
