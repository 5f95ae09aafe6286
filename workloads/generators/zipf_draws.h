#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <span>
#include <utility>

#include "harness/core/request.h"
#include "workloads/generators/zipf_ranks.h"

namespace cachegauge {

// Ranks from ZipfRanks, in groups: `use(request, rank)` makes a key of each, in order.
class ZipfDraws {
 public:
  ZipfDraws(std::shared_ptr<ZipfRanks> ranks, uint64_t seed)
      : ranks_(std::move(ranks)), random_(seed) {}

  template <class Use>
  void draw(std::span<Request> requests, Use use) {
    std::array<uint64_t, 256> ranks;
    while (!requests.empty()) {
      const size_t count = std::min(ranks.size(), requests.size());
      ranks_->draw(random_, std::span(ranks).first(count));
      for (size_t i = 0; i < count; ++i) use(requests[i], ranks[i]);
      requests = requests.subspan(count);
    }
  }

 private:
  std::shared_ptr<ZipfRanks> ranks_;
  SplitMix64 random_;
};

}  // namespace cachegauge
