// Lets in what is missed for the second time within a window, which keeps one-hit wonders out.
// Maggs, Sitaraman, "Algorithmic nuggets in content delivery", ACM SIGCOMM Computer Communication
// Review 2015, as the cache-on-second-hit rule of a content delivery network; what was seen is in a
// Bloom filter (bloom_filter.h).
//
// The reset rule: there are two filters, of this window and of the last. A window is over when its
// filter has taken in as many keys as it is sized for; it then is the last one, and an empty filter
// begins. So a key is known until at least `window` and less than twice as many others were seen
// after it. A window is as many keys as the cache held objects when it began, and 1,000 at least,
// unless said otherwise. Keys are seen when they are missed, hits do not count, and a key that is
// known and missed again is let in each time. About one key in fifty is taken for one that is
// known.
#pragma once

#include <algorithm>
#include <utility>

#include "adapters/local/policies/admission/bloom_filter.h"
#include "adapters/local/policies/admission/filter.h"
#include "adapters/local/policies/parameters.h"

namespace cachegauge {

class DoorkeeperFilter final : public AdmissionFilter {
 public:
  static constexpr ParamInfo kParams[] = {
      {"window", "count", "of keys that are remembered (as many as the cache holds, at least 1k)"}};
  static constexpr AdmissionInfo kInfo = {
      .name = "bloom",
      .summary = "lets in what is missed a second time within a window (a Bloom filter)",
      .paper = "Maggs, Sitaraman, Algorithmic nuggets in content delivery, 2015",
      .params = kParams};

  explicit DoorkeeperFilter(const AdmissionSettings& settings)
      : given_(count_between(settings.spec, "window", 0, settings.spec.has("window") ? 1 : 0,
                             kLongest)) {}

  bool admits(const Sighting& candidate, uint32_t) override {
    const uint64_t hash = candidate.key_hash;
    if (current_.contains(hash)) return true;
    const bool known = last_.contains(hash);
    current_.add(hash);
    if (++seen_ >= window_) begin_window(candidate.items);
    return known;
  }

  size_t bytes() const override { return current_.bytes() + last_.bytes(); }

 private:
  static constexpr uint64_t kShortest = 1000;
  static constexpr uint64_t kLongest = uint64_t{1} << 32;

  void begin_window(uint64_t items) {
    window_ = given_ > 0 ? given_ : std::max(kShortest, items);
    last_ = std::exchange(current_, BloomFilter(window_));
    seen_ = 0;
  }

  uint64_t given_;  // 0: by what the cache holds
  uint64_t window_ = given_ > 0 ? given_ : kShortest;
  uint64_t seen_ = 0;  // keys in current_
  BloomFilter current_{window_};
  BloomFilter last_{0};
};

}  // namespace cachegauge
