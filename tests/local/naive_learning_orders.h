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

#include "tests/local/naive_orders.h"

namespace cachegauge {

class NaiveQdLp final : public NaiveOrder {
 public:
  void recall(const std::string& key, uint64_t size) override {
    returning_ = contains(ghosts_, key);
    coming_ = returning_ ? size : 0;
    ghosts_.remove(key);
  }
  void enter(const std::string& key) override {
    (returning_ ? main_ : small_).push_back(key);
    hits_[key] = 0;
    coming_ = 0;
    while (used(small_) > small_part() && used(main_) + sizes.at(small_.front()) <= main_part()) {
      promote();
    }
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
    while (!small_.empty() && (main_.empty() || used(main_) + coming_ <= main_part())) {
      if (hits_[small_.front()] == 0) return small_.front();
      promote();
    }
    for (; hits_[main_.front()] > 0; main_.splice(main_.end(), main_, main_.begin())) {
      --hits_[main_.front()];
    }
    return main_.front();
  }
  void settle() override {
    while (ghosts_.size() > ghosts(0.9)) ghosts_.pop_front();
  }

 private:
  uint64_t small_part() const { return std::max<uint64_t>(1, part(0.1)); }
  uint64_t main_part() const { return capacity.limit - small_part(); }
  void promote() {
    hits_[small_.front()] = 0;
    main_.splice(main_.end(), small_, small_.begin());
  }

  NaiveList small_, main_, ghosts_;
  std::map<std::string, int> hits_;
  uint64_t coming_ = 0;
  bool returning_ = false;
};

}  // namespace cachegauge
