// More policies that remember what they evicted, written as plainly as can be.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "tests/local/naive_orders.h"

namespace cachegauge {

class NaiveLruK final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    if (!contains(ghosts_, key)) uses_[key].clear();
    ghosts_.remove(key);
  }
  void enter(const std::string& key) override {
    keys_.push_back(key);
    touch(key);
  }
  void touch(const std::string& key) override { uses_[key].push_back(++clock_); }
  void retire(const std::string& key) override {
    keys_.remove(key);
    ghosts_.push_back(key);
  }
  std::string victim() override {
    return *std::min_element(keys_.begin(), keys_.end(), [&](const auto& a, const auto& b) {
      return std::pair(second_last(a), uses_[a].back()) <
             std::pair(second_last(b), uses_[b].back());
    });
  }
  void settle() override {
    while (ghosts_.size() > room()) ghosts_.pop_front();
  }

 private:
  uint64_t second_last(const std::string& key) {
    const auto& uses = uses_[key];
    return uses.size() < 2 ? 0 : uses[uses.size() - 2];
  }

  NaiveList ghosts_;
  std::map<std::string, std::vector<uint64_t>> uses_;
  uint64_t clock_ = 0;
};

class NaiveLirs final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    returning_ = contains(ghosts_, key);
    ghosts_.remove(key);
    stack_.remove(key);
  }
  void enter(const std::string& key) override {
    const bool room = used(lir_) + sizes.at(key) <= lir_part();
    place(key, room || (returning_ && sizes.at(key) <= lir_part()));
  }
  void touch(const std::string& key) override {
    const bool was_lir = contains(lir_, key);
    const bool promoted = contains(stack_, key) && sizes.at(key) <= lir_part();
    NaiveOrder::leave(key);
    lir_.remove(key);
    queue_.remove(key);
    stack_.remove(key);
    place(key, was_lir || promoted);
  }
  void resized(const std::string& key) override {
    if (contains(lir_, key)) shrink();
  }
  void leave(const std::string& key) override {
    const bool was_lir = contains(lir_, key);
    lir_.remove(key);
    queue_.remove(key);
    stack_.remove(key);
    if (was_lir) prune();
  }
  void retire(const std::string& key) override {
    if (contains(lir_, key) || !contains(stack_, key)) return leave(key);
    queue_.remove(key);
    ghosts_.push_back(key);
  }
  std::string victim() override {
    if (!queue_.empty()) return queue_.front();
    prune();
    return stack_.front();
  }
  void settle() override {
    while (ghosts_.size() > room()) {
      stack_.remove(ghosts_.front());
      ghosts_.pop_front();
    }
  }

 private:
  uint64_t lir_part() const { return capacity.limit - std::max<uint64_t>(1, part(0.01)); }

  void place(const std::string& key, bool lir) {
    stack_.push_back(key);
    (lir ? lir_ : queue_).push_back(key);
    if (lir) shrink();
  }
  void shrink() {
    prune();
    while (used(lir_) > lir_part()) {
      const std::string bottom = stack_.front();
      stack_.pop_front();
      lir_.remove(bottom);
      queue_.push_back(bottom);
      prune();
    }
  }
  void prune() {
    while (!stack_.empty() && !contains(lir_, stack_.front())) {
      ghosts_.remove(stack_.front());
      stack_.pop_front();
    }
  }

  NaiveList stack_, lir_, queue_, ghosts_;  // the bottom of the stack first; lir_ in any order
  bool returning_ = false;
};

class NaiveCar final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    in_b1_ = contains(b1_, key);
    in_b2_ = contains(b2_, key);
    b1_.remove(key);
    b2_.remove(key);
  }
  void enter(const std::string& key) override {
    const double b1 = static_cast<double>(b1_.size()) + in_b1_;
    const double b2 = static_cast<double>(b2_.size()) + in_b2_;
    const auto size = static_cast<double>(sizes.at(key));
    const auto limit = static_cast<double>(capacity.limit);
    if (in_b1_) p_ = std::min(limit, p_ + std::max(1.0, b2 / b1) * size);
    if (in_b2_) p_ = std::max(0.0, p_ - std::max(1.0, b1 / b2) * size);
    (in_b1_ || in_b2_ ? t2_ : t1_).push_back(key);
    used_.erase(key);
  }
  void touch(const std::string& key) override { used_.insert(key); }
  void leave(const std::string& key) override {
    t1_.remove(key);
    t2_.remove(key);
  }
  void retire(const std::string& key) override {
    (contains(t1_, key) ? b1_ : b2_).push_back(key);
    leave(key);
  }
  std::string victim() override {
    while (true) {
      const bool above = static_cast<double>(used(t1_)) >= std::max(1.0, p_);
      NaiveList& clock = above || t2_.empty() ? t1_ : t2_;
      const std::string key = clock.front();
      if (used_.erase(key) == 0) return key;
      clock.pop_front();
      t2_.push_back(key);
    }
  }
  void settle() override {
    while (!b1_.empty() && t1_.size() + b1_.size() > room()) b1_.pop_front();
    while (t1_.size() + t2_.size() + b1_.size() + b2_.size() > 2 * room()) b2_.pop_front();
  }

 private:
  NaiveList t1_, t2_, b1_, b2_;
  std::set<std::string> used_;
  double p_ = 0;
  bool in_b1_ = false;
  bool in_b2_ = false;
};

class NaiveLecar final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    const bool by_lru = contains(lru_ghosts_, key), by_lfu = contains(lfu_ghosts_, key);
    lru_ghosts_.remove(key);
    lfu_ghosts_.remove(key);
    if (!by_lru && !by_lfu) uses_[key] = 0;
    if (!by_lru && !by_lfu) return;
    const double held = std::max<double>(1, static_cast<double>(keys_.size()));
    const auto absence = static_cast<double>(clock_ - seen_[key]);
    const double gain = std::exp(0.45 * std::pow(0.005, absence / held));
    double lru = lru_weight_, lfu = 1 - lru_weight_;
    if (by_lru) lfu *= gain;
    if (by_lfu) lru *= gain;
    lru_weight_ = std::clamp(lru / (lru + lfu), 0.01, 0.99);
  }
  void enter(const std::string& key) override {
    keys_.push_back(key);
    ++uses_[key];
    seen_[key] = ++clock_;
  }
  void touch(const std::string& key) override {
    keys_.remove(key);
    enter(key);
  }
  void retire(const std::string& key) override {
    keys_.remove(key);
    seen_[key] = clock_;
    (lru_chosen_ ? lru_ghosts_ : lfu_ghosts_).push_back(key);
  }
  std::string victim() override {
    lru_chosen_ = random_.uniform() < lru_weight_;
    if (lru_chosen_) return keys_.front();
    // The first of the least used in a list by recency.
    return *std::min_element(keys_.begin(), keys_.end(),
                             [&](const auto& a, const auto& b) { return uses_[a] < uses_[b]; });
  }
  std::string victim_for(const std::string& key, uint64_t size) override {
    NaiveLecar after = *this;
    after.recall(key, size);
    const std::string named = after.victim();
    lru_chosen_ = after.lru_chosen_;
    random_ = after.random_;
    return named;
  }
  void settle() override {
    while (lru_ghosts_.size() > room()) lru_ghosts_.pop_front();
    while (lfu_ghosts_.size() > room()) lfu_ghosts_.pop_front();
  }

 private:
  NaiveList lru_ghosts_, lfu_ghosts_;
  std::map<std::string, uint64_t> uses_, seen_;
  double lru_weight_ = 0.5;
  bool lru_chosen_ = false;
  uint64_t clock_ = 0;
  SplitMix64 random_{42};
};

// The clock begins where HAND_hot stands, and ends where objects enter.
class NaiveClockPro final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    returning_ = ghosts_.erase(key) > 0;
    if (returning_) remove(key);
  }
  void enter(const std::string& key) override {
    if (cold_part_ == 0) cold_part_ = std::max<uint64_t>(1, part(0.01));
    push(key);
    used_.erase(key);
    in_test_.insert(key);
    if (returning_) return become_hot(key);
    if (filling_ && hot_used() + sizes.at(key) <= capacity.limit - cold_part_) make_hot(key);
  }
  void touch(const std::string& key) override { used_.insert(key); }
  void resized(const std::string&) override { cool_down(); }
  void leave(const std::string& key) override {
    hot_.erase(key);
    remove(key);
  }
  void retire(const std::string& key) override {
    if (hot_.contains(key) || !in_test_.contains(key)) return leave(key);
    ghosts_.insert(key);
  }
  std::string victim() override {
    filling_ = false;
    while (true) {
      if (hot_.size() == sizes.size()) run_hand_hot();
      if (cold_hand_.empty()) cold_hand_ = keys_.front();
      while (hot_.contains(cold_hand_) || ghosts_.contains(cold_hand_)) advance(cold_hand_);
      const std::string key = cold_hand_;
      if (used_.erase(key) == 0) return key;
      remove(key);
      push(key);
      if (!in_test_.insert(key).second) become_hot(key);
    }
  }
  void settle() override {
    while (ghosts_.size() > room()) {
      if (test_hand_.empty()) test_hand_ = keys_.front();
      for (; !ghosts_.contains(test_hand_); advance(test_hand_)) end_test(test_hand_);
      drop_ghost(std::string(test_hand_));
    }
  }

 private:
  void push(const std::string& key) {
    keys_.push_back(key);
    for (std::string* hand : {&cold_hand_, &test_hand_}) {
      if (*hand == kNowhere) *hand = key;
    }
  }
  // The list is a ring.
  void advance(std::string& hand) const {
    const auto next = std::next(std::find(keys_.begin(), keys_.end(), hand));
    hand = next == keys_.end() ? keys_.front() : *next;
  }
  void remove(const std::string& key) {
    for (std::string* hand : {&cold_hand_, &test_hand_}) {
      if (*hand != key) continue;
      advance(*hand);
      if (*hand == key) *hand = kNowhere;
    }
    keys_.remove(key);
  }
  uint64_t mean_size() const {
    return sizes.empty() ? 1 : std::max<uint64_t>(1, NaiveOrder::used() / sizes.size());
  }
  void shrink_cold_part() { cold_part_ = cold_part_ > mean_size() ? cold_part_ - mean_size() : 1; }
  void end_test(const std::string& key) {
    if (!hot_.contains(key) && in_test_.erase(key) > 0) shrink_cold_part();
  }
  void drop_ghost(const std::string& key) {
    shrink_cold_part();
    ghosts_.erase(key);
    remove(key);
  }
  void become_hot(const std::string& key) {
    cold_part_ = std::min(capacity.limit, cold_part_ + mean_size());
    make_hot(key);
    cool_down();
  }
  void make_hot(const std::string& key) {
    in_test_.erase(key);
    hot_.insert(key);
  }
  uint64_t hot_used() const { return used(NaiveList(hot_.begin(), hot_.end())); }
  void cool_down() {
    while (hot_used() > capacity.limit - cold_part_) run_hand_hot();
  }
  void run_hand_hot() {
    while (true) {
      const std::string key = keys_.front();
      if (ghosts_.contains(key)) {
        drop_ghost(key);
        continue;
      }
      end_test(key);
      keys_.splice(keys_.end(), keys_, keys_.begin());
      if (hot_.contains(key) && used_.erase(key) == 0) {
        hot_.erase(key);
        return;
      }
    }
  }

  std::set<std::string> hot_, ghosts_, used_, in_test_;
  static constexpr const char* kNowhere = "-";  // where a hand is of a clock without objects
  std::string cold_hand_, test_hand_;           // empty: it will begin where HAND_hot stands
  uint64_t cold_part_ = 0;
  bool filling_ = true;
  bool returning_ = false;
};

}  // namespace cachegauge
