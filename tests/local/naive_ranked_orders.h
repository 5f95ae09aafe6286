// Policies that rank what they hold, written as plainly as can be.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/local/naive_orders.h"

namespace cachegauge {

class NaiveMru final : public NaiveLru {
 public:
  std::string victim() override { return keys_.back(); }
};

// GDSF; with kSized false all sizes are 1, and it is LFU with dynamic aging.
template <bool kSized>
class NaiveGreedyDual final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    uses_[key] = 1;
    rank(key);
  }
  void touch(const std::string& key) override {
    ++uses_[key];
    rank(key);
  }
  void resized(const std::string& key) override {
    if (kSized) rank(key);
  }
  void leave(const std::string& key) override { ranks_.erase(key); }
  std::string victim() override {
    return std::min_element(ranks_.begin(), ranks_.end(),
                            [](auto& a, auto& b) { return a.second < b.second; })
        ->first;
  }
  void give_up(const std::string& key) override { age_ = ranks_.at(key).first; }

 private:
  void rank(const std::string& key) {
    const auto size = static_cast<double>(kSized ? sizes.at(key) : 1);
    ranks_[key] = {age_ + static_cast<double>(uses_[key]) / size, ++clock_};
  }

  std::map<std::string, uint64_t> uses_;
  std::map<std::string, std::pair<double, uint64_t>> ranks_;  // and when it was reached
  double age_ = 0;
  uint64_t clock_ = 0;
};

using NaiveLfuDa = NaiveGreedyDual<false>;
using NaiveGdsf = NaiveGreedyDual<true>;

// Draws as the real one does: where the places of an array are numbered alike, and the last one
// takes the place of one that goes.
class NaiveHyperbolic final : public NaiveOrder {
 public:
  void enter(const std::string& key) override {
    array_.push_back(key);
    entered_[key] = clock_++;
    uses_[key] = 1;
  }
  void touch(const std::string& key) override {
    ++uses_[key];
    ++clock_;
  }
  void leave(const std::string& key) override {
    *std::find(array_.begin(), array_.end(), key) = array_.back();
    array_.pop_back();
  }
  std::string victim() override {
    std::vector<std::string> drawn = array_;
    if (array_.size() > 64) {
      drawn.clear();
      for (int i = 0; i < 64; ++i) drawn.push_back(array_[random_.below(array_.size())]);
    }
    return *std::min_element(drawn.begin(), drawn.end(),
                             [&](const auto& a, const auto& b) { return worth(a) < worth(b); });
  }

 private:
  double worth(const std::string& key) const {
    const auto held = static_cast<double>(clock_ - entered_.at(key));
    return static_cast<double>(uses_.at(key)) / (held * static_cast<double>(sizes.at(key)));
  }

  std::vector<std::string> array_;
  std::map<std::string, uint64_t> entered_, uses_;
  uint64_t clock_ = 0;
  SplitMix64 random_{42};
};

}  // namespace cachegauge
