// The eviction policies, written as plainly as can be: lists of keys.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapters/local/policies/frequency_sketch.h"
#include "adapters/local/policies/window_climber.h"
#include "harness/core/random.h"
#include "tests/local/naive_order.h"

namespace cachegauge {

using NaiveFifo = NaiveOrder;

class NaiveLru : public NaiveOrder {
 public:
  void touch(const std::string& key) override {
    leave(key);
    enter(key);
  }
};

class NaiveTtl final : public NaiveLru {
 public:
  int64_t default_ttl() const override { return 200; }
};

template <int kMostHits>
class NaiveCountingClock final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    NaiveOrder::enter(key);
    hits_[key] = 0;
  }
  void touch(const std::string& key) override { hits_[key] = std::min(hits_[key] + 1, kMostHits); }
  std::string victim() override {
    while (hits_[keys_.front()] > 0) {
      --hits_[keys_.front()];
      keys_.splice(keys_.end(), keys_, keys_.begin());
    }
    return keys_.front();
  }

 private:
  std::map<std::string, int> hits_;
};

using NaiveClock = NaiveCountingClock<1>;

class NaiveLfu : public NaiveOrder {
 public:
  void enter(const std::string& key) override { uses_[key] = {1, ++clock_}; }
  void touch(const std::string& key) override { uses_[key] = {uses_[key].first + 1, ++clock_}; }
  void leave(const std::string& key) override { uses_.erase(key); }
  std::string victim() override {
    return std::min_element(uses_.begin(), uses_.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

 protected:
  std::map<std::string, std::pair<uint64_t, uint64_t>> uses_;  // count, and when it was reached

 private:
  uint64_t clock_ = 0;
};

// The second of a pair is when it was inserted.
class NaiveLfuByAge final : public NaiveLfu {
 public:
  void touch(const std::string& key) override { ++uses_[key].first; }
};

class NaiveRandom final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    array_.push_back(key);
    if (drawn_ < array_.size()) std::swap(array_[drawn_], array_.back());
  }
  void leave(const std::string& key) override {
    *std::find(array_.begin(), array_.end(), key) = array_.back();
    array_.pop_back();
  }
  std::string victim() override {
    drawn_ = random_.below(array_.size());
    return array_[drawn_];
  }

 private:
  std::vector<std::string> array_;
  uint64_t drawn_ = UINT64_MAX;
  SplitMix64 random_{42};
};

class NaiveSieve final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    NaiveOrder::enter(key);
    visited_[key] = false;
  }
  void touch(const std::string& key) override { visited_[key] = true; }
  void leave(const std::string& key) override {
    if (key == hand_) hand_ = younger(key);
    NaiveOrder::leave(key);
  }
  std::string victim() override {
    while (true) {
      if (hand_.empty()) hand_ = keys_.front();
      if (!visited_[hand_]) return hand_;
      visited_[hand_] = false;
      hand_ = younger(hand_);
    }
  }

 private:
  std::string younger(const std::string& key) const {
    const auto next = std::next(std::find(keys_.begin(), keys_.end(), key));
    return next == keys_.end() ? "" : *next;
  }

  std::map<std::string, bool> visited_;
  std::string hand_;  // empty: at the oldest
};

class NaiveS3Fifo : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    returning_ = contains(ghosts_, key);
    ghosts_.remove(key);
  }
  void enter(const std::string& key) override {
    from_small_.reset();
    const bool overflow = !evicting_ && used(small_) >= small_part();
    (returning_ || overflow ? main_ : small_).push_back(key);
    hits_[key] = 0;
  }
  void touch(const std::string& key) override { hits_[key] = std::min(hits_[key] + 1, 3); }
  void leave(const std::string& key) override {
    small_.remove(key);
    main_.remove(key);
  }
  void retire(const std::string& key) override {
    if (contains(small_, key)) ghosts_.push_back(key);
    leave(key);
  }
  std::string victim() override {
    if (!from_small_) from_small_ = used(main_) <= capacity.limit - small_part();
    for (; *from_small_ && !small_.empty(); small_.pop_front()) {
      const std::string key = small_.front();
      if (hits_[key] < 2) return key;
      main_.push_back(key);
      hits_[key] = 0;
    }
    return main_victim();
  }
  void give_up(const std::string&) override {
    evicting_ = true;
    from_small_.reset();
  }
  void settle() override {
    while (ghosts_.size() > ghosts(0.9)) ghosts_.pop_front();
  }

 protected:
  uint64_t small_part() const { return std::max<uint64_t>(1, part(0.1)); }
  std::string main_victim() {
    while (hits_[main_.front()] > 0) {
      --hits_[main_.front()];
      main_.splice(main_.end(), main_, main_.begin());
    }
    return main_.front();
  }

  NaiveList small_, main_, ghosts_;
  std::map<std::string, int> hits_;
  bool returning_ = false;

 private:
  bool evicting_ = false;
  std::optional<bool> from_small_;  // once a victim is sought
};

class NaiveTwoQueues final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    returning_ = contains(out_, key);
    out_.remove(key);
  }
  void enter(const std::string& key) override { (returning_ ? again_ : in_).push_back(key); }
  void touch(const std::string& key) override {
    if (!contains(again_, key)) return;
    again_.remove(key);
    again_.push_back(key);
  }
  void leave(const std::string& key) override {
    in_.remove(key);
    again_.remove(key);
  }
  void retire(const std::string& key) override {
    if (contains(in_, key)) out_.push_back(key);
    leave(key);
  }
  std::string victim() override {
    return used(in_) > part(0.25) || again_.empty() ? in_.front() : again_.front();
  }
  void settle() override {
    while (out_.size() > ghosts(0.5)) out_.pop_front();
  }

 private:
  NaiveList in_, again_, out_;
  bool returning_ = false;
};

class NaiveArc final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t size) override {
    const double b1 = static_cast<double>(b1_.size()), b2 = static_cast<double>(b2_.size());
    in_b1_ = contains(b1_, key);
    in_b2_ = contains(b2_, key);
    const auto limit = static_cast<double>(capacity.limit);
    if (in_b1_) p_ = std::min(limit, p_ + (b1 >= b2 ? 1 : b2 / b1) * static_cast<double>(size));
    if (in_b2_) p_ = std::max(0.0, p_ - (b2 >= b1 ? 1 : b1 / b2) * static_cast<double>(size));
    b1_.remove(key);
    b2_.remove(key);
  }
  void enter(const std::string& key) override {
    (in_b1_ || in_b2_ ? t2_ : t1_).push_back(key);
    in_b1_ = in_b2_ = false;
  }
  void touch(const std::string& key) override {
    leave(key);
    t2_.push_back(key);
  }
  void leave(const std::string& key) override {
    t1_.remove(key);
    t2_.remove(key);
  }
  void retire(const std::string& key) override {
    (contains(t1_, key) ? b1_ : b2_).push_back(key);
    leave(key);
  }
  std::string victim() override {
    const auto t1 = static_cast<double>(used(t1_));
    const bool from_t1 = !t1_.empty() && ((in_b2_ && t1 == p_) || t1 > p_);
    return from_t1 || t2_.empty() ? t1_.front() : t2_.front();
  }
  std::string victim_for(const std::string& key, uint64_t size) override {
    NaiveArc after = *this;
    after.recall(key, size);
    return after.victim();
  }
  void settle() override {
    while (!b1_.empty() && t1_.size() + b1_.size() > room()) b1_.pop_front();
    while (t1_.size() + t2_.size() + b1_.size() + b2_.size() > 2 * room()) b2_.pop_front();
  }

 private:
  NaiveList t1_, t2_, b1_, b2_;
  double p_ = 0;
  bool in_b1_ = false;
  bool in_b2_ = false;
};

class NaiveSlru : public NaiveOrder {
 public:
  void enter(const std::string& key) override { keys_.push_back(key); }
  void touch(const std::string& key) override {
    const bool promoted = contains(protected_, key) || sizes.at(key) <= protected_part();
    leave(key);
    (promoted ? protected_ : keys_).push_back(key);
    while (used(protected_) > protected_part()) {
      keys_.push_back(protected_.front());
      protected_.pop_front();
    }
  }
  void leave(const std::string& key) override {
    keys_.remove(key);
    protected_.remove(key);
  }
  std::string victim() override { return keys_.empty() ? protected_.front() : keys_.front(); }

 protected:
  virtual uint64_t protected_part() const { return part(0.8); }
  NaiveList protected_;  // and keys_ the probationary ones
};

// The counts are those of the real sketch, which is approximate in its own way; the window's size
// is that of the real climber.
template <bool kAdaptive>
class NaiveWindowedLfu final : public NaiveSlru {
 public:
  void recall(const std::string& key, uint64_t) override {
    if (!asked_) count_miss(key);
  }
  void enter(const std::string& key) override { window_.push_back(key); }
  void touch(const std::string& key) override {
    climb(true);
    count(key);
    if (!contains(window_, key)) return NaiveSlru::touch(key);
    window_.remove(key);
    window_.push_back(key);
  }
  void leave(const std::string& key) override {
    NaiveSlru::leave(key);
    window_.remove(key);
  }
  std::optional<std::string> surplus(uint64_t more) override {
    while (NaiveOrder::used(window_) > window_part()) {
      const std::string candidate = window_.front();
      if (!over(more)) {
        window_.pop_front();
        keys_.push_back(candidate);
        continue;
      }
      const bool empty = keys_.empty() && protected_.empty();
      return empty || uses(victim()) >= uses(candidate) ? candidate : victim();
    }
    if (!over(more)) return std::nullopt;
    return victim();
  }
  bool enters_first() const override { return true; }
  std::optional<std::string> next_victim(const std::string& key, uint64_t size) override {
    asked_ = true;
    if (size > capacity.limit) return std::nullopt;
    count_miss(key);
    NaiveWindowedLfu after = *this;
    after.sizes[key] = size;
    after.enter(key);
    const auto first = after.surplus(0);
    return first == key ? std::nullopt : first;
  }
  void settle() override { sketch_.reserve(sizes.size()); }

 private:
  static uint32_t hash(const std::string& key) { return static_cast<uint32_t>(hash_text_key(key)); }
  bool over(uint64_t more) const { return NaiveOrder::used() + more > capacity.limit; }
  uint64_t window_part() const {
    return climber_ ? climber_->window() : std::max<uint64_t>(1, part(0.01));
  }
  void climb(bool hit) {
    if (!kAdaptive) return;
    if (!climber_) climber_.emplace(capacity.limit, window_part());
    if (NaiveOrder::used() >= capacity.limit / 2) climber_->add(hit, sizes.size());
  }
  uint64_t protected_part() const override {
    return static_cast<uint64_t>(static_cast<double>(capacity.limit - window_part()) * 0.8);
  }
  void count(const std::string& key) { sketch_.add(hash(key)); }
  void count_miss(const std::string& key) {
    climb(false);
    count(key);
  }
  uint32_t uses(const std::string& key) const { return sketch_.count(hash(key)); }

  NaiveList window_;
  FrequencySketch sketch_;
  std::optional<WindowClimber> climber_;
  bool asked_ = false;
};

using NaiveWTinyLfu = NaiveWindowedLfu<false>;

}  // namespace cachegauge
