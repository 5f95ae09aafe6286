// Policies that learn what to keep from what became of it, written as plainly as can be.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/local/policies/hit_density.h"
#include "adapters/local/policies/learning_rate.h"
#include "tests/local/naive_orders.h"

namespace cachegauge {

class NaiveQdLp final : public NaiveS3Fifo {
 public:
  void recall(const std::string& key, uint64_t size) override {
    NaiveS3Fifo::recall(key, size);
    coming_ = returning_ ? size : 0;
  }
  void enter(const std::string& key) override {
    (returning_ ? main_ : small_).push_back(key);
    hits_[key] = 0;
    coming_ = 0;
    while (used(small_) > small_part() && used(main_) + sizes.at(small_.front()) <= main_part()) {
      promote();
    }
  }
  std::string victim() override {
    while (!small_.empty() && (main_.empty() || used(main_) + coming_ <= main_part())) {
      if (hits_[small_.front()] == 0) return small_.front();
      promote();
    }
    return main_victim();
  }
  std::string victim_for(const std::string& key, uint64_t size) override {
    coming_ = contains(ghosts_, key) ? size : 0;
    const std::string named = victim();
    coming_ = 0;
    return named;
  }

 private:
  uint64_t main_part() const { return capacity.limit - small_part(); }
  void promote() {
    hits_[small_.front()] = 0;
    main_.splice(main_.end(), small_, small_.begin());
  }

  uint64_t coming_ = 0;
};

class NaiveMultiQueue final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t) override {
    if (contains(out_, key)) {
      measure(key);
    } else {
      uses_[key] = 0;
    }
    out_.remove(key);
  }
  void enter(const std::string& key) override {
    used_[key] = clock_;
    append(key, std::min<size_t>(std::bit_width(++uses_[key]) - 1, 7));
    ++clock_;
    for (size_t queue = 1; queue < 8; ++queue) {
      if (queues_[queue].empty()) continue;
      const std::string head = queues_[queue].front();
      if (clock_ - since_[head] <= (lifetime_ == 0 ? held() : lifetime_)) continue;
      leave(head);
      append(head, queue - 1);
    }
  }
  void touch(const std::string& key) override {
    measure(key);
    leave(key);
    enter(key);
  }
  void leave(const std::string& key) override {
    for (NaiveList& queue : queues_) queue.remove(key);
  }
  void retire(const std::string& key) override {
    leave(key);
    out_.push_back(key);
  }
  std::string victim() override {
    return std::find_if(std::begin(queues_), std::end(queues_),
                        [](const NaiveList& queue) { return !queue.empty(); })
        ->front();
  }
  void settle() override {
    while (out_.size() > 4 * room()) out_.pop_front();
  }

 private:
  uint64_t held() const { return sizes.size(); }
  void append(const std::string& key, size_t queue) {
    queues_[queue].push_back(key);
    since_[key] = clock_;
  }
  void measure(const std::string& key) {
    if (clock_ - used_[key] < held()) return;
    ++distances_[std::bit_width(clock_ - used_[key])];
    if (++measured_ % 1024 != 0) return;
    int peak = 0;
    for (const auto& [width, count] : distances_) {
      if (count > distances_[peak]) peak = width;
    }
    for (auto& [width, count] : distances_) count /= 2;
    lifetime_ = uint64_t{1} << peak;
  }

  NaiveList queues_[8], out_;
  std::map<std::string, uint64_t> uses_, used_, since_;
  std::map<int, uint64_t> distances_;  // by their number of bits
  uint64_t measured_ = 0;
  uint64_t lifetime_ = 0;
  uint64_t clock_ = 0;
};

class NaiveCacheus final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t size) override {
    if (sr_part_ == 0) sr_part_ = static_cast<int64_t>(limit() - std::max<int64_t>(1, part(0.01)));
    const bool by_lru = contains(lru_ghosts_, key), by_lfu = contains(lfu_ghosts_, key);
    lru_ghosts_.remove(key);
    lfu_ghosts_.remove(key);
    returning_ = by_lru || by_lfu;
    if (!returning_) {
      uses_[key] = 0;
      return;
    }
    double lru = lru_weight_, lfu = 1 - lru_weight_;
    (by_lru ? lru : lfu) *= std::exp(-rate_.rate());
    lru_weight_ = std::clamp(lru / (lru + lfu), 0.01, 0.99);
    if (by_lru && new_.contains(key)) {
      move_sr(-ratio(demoted_.size(), new_ghosts()) * static_cast<int64_t>(size));
    }
  }
  void enter(const std::string& key) override {
    const bool room = r_.empty() && used(sr_) + sizes.at(key) <= sr_part();
    new_.erase(key);
    if (!returning_ && !room) new_.insert(key);
    note_use(key);
    (new_.contains(key) ? r_ : sr_).push_back(key);
    demote();
    while (period_ > 0 && r_.size() < 2 && !sr_.empty()) demote_one();
    end_request(false);
  }
  void touch(const std::string& key) override {
    note_use(key);
    sr_.remove(key);
    r_.remove(key);
    if (demoted_.contains(key)) {
      move_sr(ratio(new_ghosts(), demoted_.size()) * static_cast<int64_t>(sizes.at(key)));
    }
    demoted_.erase(key);
    new_.erase(key);
    sr_.push_back(key);
    demote();
    end_request(true);
  }
  void resized(const std::string&) override { demote(); }
  void leave(const std::string& key) override {
    sr_.remove(key);
    r_.remove(key);
    demoted_.erase(key);
  }
  void retire(const std::string& key) override {
    leave(key);
    if (lru_ != lfu_) (lru_chosen_ ? lru_ghosts_ : lfu_ghosts_).push_back(key);
  }
  std::string victim_for(const std::string& key, uint64_t size) override {
    NaiveCacheus after = *this;
    after.recall(key, size);
    const std::string named = after.victim();
    lru_ = after.lru_;
    lfu_ = after.lfu_;
    lru_chosen_ = after.lru_chosen_;
    random_ = after.random_;
    return named;
  }
  void give_up(const std::string&) override {
    if (period_ > 0) return;
    period_ = sr_.size() + r_.size();
    rate_ = LearningRate(period_);
    requests_ = hits_ = 0;
  }
  std::string victim() override {
    lru_ = r_.empty() ? sr_.front() : r_.front();
    NaiveList held = sr_;
    held.insert(held.end(), r_.begin(), r_.end());
    lfu_ = *std::min_element(held.begin(), held.end(), [&](const auto& a, const auto& b) {
      return std::tuple(uses_[a], -used_[a]) < std::tuple(uses_[b], -used_[b]);
    });
    lru_chosen_ = random_.uniform() < lru_weight_;
    return lru_chosen_ ? lru_ : lfu_;
  }
  void settle() override {
    while (lru_ghosts_.size() > room() / 2) lru_ghosts_.pop_front();
    while (lfu_ghosts_.size() > room() / 2) lfu_ghosts_.pop_front();
  }

 private:
  int64_t limit() const { return static_cast<int64_t>(capacity.limit); }
  uint64_t sr_part() const { return static_cast<uint64_t>(sr_part_); }
  void move_sr(int64_t by) {
    sr_part_ = std::clamp(sr_part_ + by, std::min<int64_t>(sr_part_, 1), limit() - 1);
  }
  size_t new_ghosts() const {
    return static_cast<size_t>(std::count_if(lru_ghosts_.begin(), lru_ghosts_.end(),
                                             [&](const auto& key) { return new_.contains(key); }));
  }
  // Rounded, and 1 at least.
  static int64_t ratio(size_t others, size_t own) {
    const double exact =
        static_cast<double>(others) / std::max<double>(1, static_cast<double>(own));
    return std::max<int64_t>(1, static_cast<int64_t>(std::floor(exact + 0.5)));
  }
  void note_use(const std::string& key) {
    ++uses_[key];
    used_[key] = ++clock_;
  }
  void demote() {
    while (used(sr_) > sr_part()) demote_one();
  }
  void demote_one() {
    demoted_.insert(sr_.front());
    r_.push_back(sr_.front());
    sr_.pop_front();
  }
  void end_request(bool hit) {
    hits_ += hit;
    if (++requests_ != period_) return;
    rate_.update(static_cast<double>(hits_) / static_cast<double>(period_), random_);
    requests_ = hits_ = 0;
  }

  NaiveList sr_, r_, lru_ghosts_, lfu_ghosts_;
  std::set<std::string> new_, demoted_;
  std::map<std::string, uint64_t> uses_;
  std::map<std::string, int64_t> used_;
  int64_t sr_part_ = 0;
  double lru_weight_ = 0.5;
  LearningRate rate_{1};
  uint64_t period_ = 0, requests_ = 0, hits_ = 0;
  int64_t clock_ = 0;
  std::string lru_, lfu_;  // whom each would have go
  bool lru_chosen_ = false;
  bool returning_ = false;
  SplitMix64 random_{42};
};

// Its model is the real one, and so is the way to draw: see NaiveHyperbolic.
class NaiveLhd final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    array_.push_back(key);
    used_[key] = clock_;
    ages_[key] = {kNever, kNever};
    admitted_.push_back(key);
    if (admitted_.size() > 8) admitted_.pop_front();
    explore(key);
    end_use();
  }
  void touch(const std::string& key) override {
    density_.add_hit(class_of(key), age(key));
    explorers_.erase(key);
    ages_[key] = {clock_ - used_[key], ages_[key].first};
    used_[key] = clock_;
    explore(key);
    end_use();
  }
  void leave(const std::string& key) override {
    *std::find(array_.begin(), array_.end(), key) = array_.back();
    array_.pop_back();
    explorers_.erase(key);
    std::replace(admitted_.begin(), admitted_.end(), key, std::string());
  }
  std::string victim() override {
    std::vector<std::string> drawn = array_;
    if (array_.size() > 32) {
      drawn.clear();
      for (int i = 0; i < 32; ++i) drawn.push_back(array_[random_.below(array_.size())]);
    }
    for (const std::string& key : admitted_) {
      if (!key.empty()) drawn.push_back(key);
    }
    return *std::min_element(drawn.begin(), drawn.end(),
                             [&](const auto& a, const auto& b) { return worth(a) < worth(b); });
  }
  void give_up(const std::string& key) override { density_.add_eviction(class_of(key), age(key)); }

 private:
  static constexpr uint64_t kNever = UINT32_MAX;

  uint32_t age(const std::string& key) const {
    return static_cast<uint32_t>(std::min<uint64_t>((clock_ - used_.at(key)) / unit_, 2047));
  }
  uint32_t class_of(const std::string& key) const {
    const auto& [last, before] = ages_.at(key);
    if (last == kNever) return 13;
    return static_cast<uint32_t>(std::min<uint64_t>(std::bit_width((last + before) / unit_), 12));
  }
  double worth(const std::string& key) const {
    if (age(key) == 2047) return -1;
    return density_.of(class_of(key), age(key)) / static_cast<double>(sizes.at(key)) +
           explorers_.contains(key);
  }
  void explore(const std::string& key) {
    const NaiveList explorers(explorers_.begin(), explorers_.end());
    if (NaiveOrder::used(explorers) + sizes.at(key) > part(0.01)) return;
    if (random_.below(32) == 0) explorers_.insert(key);
  }
  void end_use() {
    if (++clock_ < renewal_) return;
    const uint64_t unit = uint64_t{1} << std::bit_width(array_.size() / 64);
    for (; unit_ < unit; unit_ *= 2) density_.double_unit();
    for (; unit_ > unit; unit_ /= 2) density_.halve_unit();
    density_.update();
    renewal_ = clock_ + std::clamp<uint64_t>(16 * array_.size(), 4096, 1 << 20);
  }

  std::vector<std::string> array_;
  std::deque<std::string> admitted_;
  std::set<std::string> explorers_;
  std::map<std::string, uint64_t> used_;
  std::map<std::string, std::pair<uint64_t, uint64_t>> ages_;  // the last one first
  HitDensity density_{14};
  uint64_t unit_ = 1;
  uint64_t clock_ = 0;
  uint64_t renewal_ = 4096;
  SplitMix64 random_{42};
};

}  // namespace cachegauge
