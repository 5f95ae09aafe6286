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

}  // namespace cachegauge
