// Uses of items that are not yet in the database: a get does not write, but is noted here, and
// stands in the database when its client chooses a victim, after 512 of them, or, while the client
// goes on, after a second. A victim is thus chosen by all uses of the client that stores, and by
// all but these of the others. A client that is killed forgets them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace cachegauge {

struct Touch {
  int64_t item = 0;
  int64_t uses = 1;
  int64_t latest_ns = 0;
};

class Touches {
 public:
  static constexpr size_t kMost = 512;
  static constexpr int64_t kLongestNs = 1'000'000'000;

  Touches() { touches_.reserve(kMost); }

  // Times ascend. There is room unless due().
  void note(int64_t item, int64_t now_ns) { touches_.push_back({item, 1, now_ns}); }

  bool empty() const { return touches_.empty(); }
  bool due() const {
    return touches_.size() >= kMost ||
           (!empty() && touches_.back().latest_ns - touches_.front().latest_ns > kLongestNs);
  }
  void clear() { touches_.clear(); }

  int64_t uses_of(int64_t item) const {
    int64_t uses = 0;
    for (const Touch& touch : touches_) uses += touch.item == item ? touch.uses : 0;
    return uses;
  }

  // Each item once, ascending: where they lie close to each other they are found faster.
  const std::vector<Touch>& merged() {
    std::ranges::sort(touches_, {}, &Touch::item);
    size_t kept = 0;
    for (size_t i = 1; i < touches_.size(); ++i) {
      if (touches_[i].item == touches_[kept].item) {
        touches_[kept].uses += touches_[i].uses;
        touches_[kept].latest_ns = std::max(touches_[kept].latest_ns, touches_[i].latest_ns);
      } else {
        touches_[++kept] = touches_[i];
      }
    }
    if (!touches_.empty()) touches_.resize(kept + 1);
    return touches_;
  }

 private:
  std::vector<Touch> touches_;
};

}  // namespace cachegauge
