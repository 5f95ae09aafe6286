// Cacheus: chooses between a scan-resistant LRU and a churn-resistant LFU for each victim, by
// chance, with weights that it learns from what comes back, at a rate that it learns as well
// (learning_rate.h). Rodriguez, Yusuf, Lyons, Paz, Rangaswami, Liu, Zhao, Narasimhan, "Learning
// cache replacement with CACHEUS", FAST 2021.
//
// SR-LRU has two LRU lists. New objects enter R, and the first hit takes them to SR; what SR has no
// room for is demoted to R, whose least recently used goes. A hit on a demoted object gives SR more
// room, the return of one that was evicted from R without a hit takes some away: one object's, or
// more if there are fewer of the kind that asks than of the other. CR-LFU's victim is, of the
// objects with the fewest uses, the most recently used.
//
// What was evicted on the word of one of the two is remembered for half as many objects as the
// cache holds, and comes back to SR with the uses that it had. The weight of the one that erred is
// then multiplied by e^-rate, and the two are scaled to add up to 1, with neither above 99 %. Where
// both name the same object it is nobody's mistake, and not remembered.
//
// As in the authors' program R has 1 % at the start, and one object at least, what enters while R
// is empty and SR has room enters SR, and after each later miss R has two objects or more. (There
// SR is kept one below its part instead, which with sizes is no object.) A period of the learning
// rate is as many requests as objects were held at the first eviction. With a capacity in bytes the
// lists are counted in bytes, and room moves by the size of the object that asks for it.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/learning_rate.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/slot_heap.h"
#include "adapters/local/policies/two_experts.h"
#include "harness/core/random.h"

namespace cachegauge {

struct CacheusLife {
  uint64_t used;  // when it was used last
  uint64_t uses : 62;
  uint64_t is_new : 1;   // it has had no hit since it entered R
  uint64_t demoted : 1;  // from SR, and had no hit since
};

class CacheusOrder : public TwoExperts<4, SlotHeap, CacheusLife> {
 public:
  static constexpr PolicyInfo kInfo = {
      .name = "cacheus",
      .summary = "LRU that withstands scans or LFU that withstands churn, as it has learned",
      .paper = "Rodriguez et al., Learning cache replacement with CACHEUS, 2021"};

  explicit CacheusOrder(const PolicySettings& settings)
      : limit_(settings.capacity.limit),
        sr_limit_(limit_ - std::max<uint64_t>(1, share_of(limit_, 0.01))),
        random_(settings.seed) {}

  void recall(const Access& access) {
    const uint32_t list = lists_.list_of(access.slot);
    returning_ = list != kNowhere;
    if (!returning_) {
      lives_[access.slot].uses = 0;
      return;
    }
    const bool was_new = lives_[access.slot].is_new;
    set_lru_weight(lru_weight_after(access));
    forget(access.slot);
    if (list == kLruHistory && was_new) shrink_sr(steps(demoted_, new_ghosts_) * access.size);
  }
  template <class Sizes>
  void enter(const Access& access, const Sizes& sizes) {
    const bool room = lists_.count(kR) == 0 && sr_used_ + access.size <= sr_limit_;
    CacheusLife& life = lives_[access.slot];
    life.is_new = !returning_ && !room;
    life.demoted = false;
    note_use(life);
    by_uses_.push(access.slot, Fewer{lives_});
    if (life.is_new) {
      lists_.push_front(access.slot, kR);
    } else {
      lists_.push_front(access.slot, kSr);
      grow_within_sr(access.size, sizes);
    }
    if (period_ > 0) keep_two_in_r(sizes);
    end_request();
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes& sizes) {
    const uint32_t list = lists_.list_of(access.slot);
    CacheusLife& life = lives_[access.slot];
    note_use(life);
    by_uses_.moved(access.slot, Fewer{lives_});
    lists_.move_to_front(access.slot, list, kSr);
    if (list == kR) {
      if (life.demoted) {
        sr_limit_ = std::min(limit_ - 1, sr_limit_ + steps(new_ghosts_, demoted_) * access.size);
        --demoted_;
      }
      life.is_new = life.demoted = false;
      grow_within_sr(access.size, sizes);
    }
    ++hits_;
    end_request();
  }
  template <class Sizes>
  void resized(const Access& access, uint64_t old_size, const Sizes& sizes) {
    if (lists_.list_of(access.slot) == kSr) grow_within_sr(access.size - old_size, sizes);
  }
  void leave(uint32_t slot, uint64_t size) {
    const uint32_t list = lists_.list_of(slot);
    if (list == kSr) sr_used_ -= size;
    demoted_ -= lives_[slot].demoted;
    lists_.unlink(slot, list);
    by_uses_.remove(slot, Fewer{lives_});
  }
  bool retire(uint32_t slot, uint64_t size) {
    if (slot != mistaken_) return false;
    leave(slot, size);
    lists_.push_front(slot, history_);
    new_ghosts_ += history_ == kLruHistory && lives_[slot].is_new;
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
  void give_up(uint32_t /*slot*/) {
    if (period_ == 0) start_learning();
  }

  uint32_t surplus_ghost(uint64_t room) const {
    if (lists_.count(kLruHistory) > room / 2) return lists_.back(kLruHistory);
    return lists_.count(kLfuHistory) > room / 2 ? lists_.back(kLfuHistory) : kNoSlot;
  }
  void forget(uint32_t slot) {
    const uint32_t list = lists_.list_of(slot);
    new_ghosts_ -= list == kLruHistory && lives_[slot].is_new;
    lists_.unlink(slot, list);
  }
  uint64_t max_ghosts() const { return limit_ / 2 * 2; }

  bool holds(uint32_t slot) const { return lists_.list_of(slot) <= kR; }

 private:
  enum List : uint32_t { kSr, kR, kLruHistory, kLfuHistory, kNowhere };

  struct Fewer {
    const std::vector<CacheusLife>& lives;
    bool operator()(uint32_t a, uint32_t b) const {
      const CacheusLife& x = lives[a];
      const CacheusLife& y = lives[b];
      return x.uses < y.uses || (x.uses == y.uses && x.used > y.used);
    }
  };

  void note_use(CacheusLife& life) {
    ++life.uses;
    life.used = ++now_;
  }

  // How many times an object's size room moves, for one of `own` objects of its kind.
  static uint64_t steps(uint64_t others, uint64_t own) {
    return std::max<uint64_t>(1, (others + own / 2) / std::max<uint64_t>(1, own));
  }
  void shrink_sr(uint64_t size) {
    sr_limit_ = sr_limit_ > size ? sr_limit_ - size : std::min<uint64_t>(sr_limit_, 1);
  }

  // SR has grown by so much, and gives up what it has no room for.
  template <class Sizes>
  void grow_within_sr(uint64_t size, const Sizes& sizes) {
    sr_used_ += size;
    while (sr_used_ > sr_limit_) demote(sizes);
  }
  // Of one alone, the newest, both experts say that it goes: it is not remembered, nothing is
  // learned, and SR stays as it is.
  template <class Sizes>
  void keep_two_in_r(const Sizes& sizes) {
    while (lists_.count(kR) < 2 && lists_.count(kSr) > 0) demote(sizes);
  }
  template <class Sizes>
  void demote(const Sizes& sizes) {
    const uint32_t slot = lists_.back(kSr);
    sr_used_ -= sizes.size(slot);
    lists_.move_to_front(slot, kSr, kR);
    lives_[slot].demoted = true;
    ++demoted_;
  }

  // What is learned from the return of an object that was evicted on the word of one of the two.
  double lru_weight_after(const Access& access) const {
    const uint32_t list = lists_.list_of(access.slot);
    if (list != kLruHistory && list != kLfuHistory) return lru_weight();
    const double loss = std::exp(-rate_.rate());
    return list == kLruHistory ? lru_weight_times(loss, 1) : lru_weight_times(1, loss);
  }
  uint32_t draw_victim(double lru_weight) {
    const uint32_t lru = lists_.back(lists_.count(kR) > 0 ? kR : kSr);
    const uint32_t lfu = by_uses_.first();
    history_ = random_.uniform() < lru_weight ? kLruHistory : kLfuHistory;
    const uint32_t victim = history_ == kLruHistory ? lru : lfu;
    mistaken_ = lru == lfu ? kNoSlot : victim;
    return victim;
  }
  void start_learning() {
    period_ = lists_.count(kSr) + lists_.count(kR);
    rate_ = LearningRate(period_);
    requests_ = hits_ = 0;
  }
  void end_request() {
    if (++requests_ != period_) return;
    rate_.update(static_cast<double>(hits_) / static_cast<double>(period_), random_);
    requests_ = hits_ = 0;
  }

  uint64_t limit_;
  uint64_t sr_limit_;     // what SR may take
  uint64_t sr_used_ = 0;  // and takes
  SplitMix64 random_;
  uint64_t demoted_ = 0;     // objects in R that came from SR
  uint64_t new_ghosts_ = 0;  // in LRU's history, of objects that never had a hit
  LearningRate rate_{1};
  uint64_t period_ = 0;  // in requests; 0 before the first eviction
  uint64_t requests_ = 0, hits_ = 0;
  uint64_t now_ = 0;
  // Of the latest victim: whose it was, and the victim, if the other would have had another.
  List history_ = kLruHistory;
  uint32_t mistaken_ = kNoSlot;
  bool returning_ = false;  // what enters next was a ghost
};

using CacheusPolicy = OrderPolicy<CacheusOrder>;

}  // namespace cachegauge
