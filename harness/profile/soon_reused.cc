#include "harness/profile/soon_reused.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace cachegauge {
namespace {

constexpr double kLeastExpected = 1000;

struct EquallyAsked {
  uint32_t requests;  // of each
  uint64_t keys;
};

// Of keys with more than one request. Most have few, so those are not looked for in a tree.
std::vector<EquallyAsked> count_keys(const std::vector<uint32_t>& requests_by_id) {
  constexpr uint32_t kFew = 1 << 12;
  std::vector<uint64_t> with_few(kFew);
  std::map<uint32_t, uint64_t> with_many;
  for (uint32_t requests : requests_by_id) {
    ++(requests < kFew ? with_few[requests] : with_many[requests]);
  }
  std::vector<EquallyAsked> counted;
  for (uint32_t requests = 2; requests < kFew; ++requests) {
    if (with_few[requests] > 0) counted.push_back({requests, with_few[requests]});
  }
  for (const auto& [requests, keys] : with_many) counted.push_back({requests, keys});
  return counted;
}

}  // namespace

std::optional<SoonReused> soon_reused(const Histogram& gaps,
                                      const std::vector<uint32_t>& requests_by_id) {
  const std::vector<EquallyAsked> counted = count_keys(requests_by_id);
  const uint64_t all = std::accumulate(requests_by_id.begin(), requests_by_id.end(), uint64_t{0});
  for (uint64_t within = 1; within < all / 8; within = within * 2 + 1) {
    const double none = std::log1p(-static_cast<double>(within) / static_cast<double>(all));
    SoonReused soon = {.within = within};
    for (const auto& [requests, keys] : counted) {
      soon.expected -= static_cast<double>(keys) * (requests - 1.0) * std::expm1(requests * none);
    }
    if (soon.expected < kLeastExpected) continue;
    const size_t end = Histogram::bucket_of(static_cast<int64_t>(within)) + 1;
    for (size_t i = 0; i < std::min(end, gaps.bucket_counts().size()); ++i) {
      soon.observed += gaps.bucket_counts()[i];
    }
    return soon;
  }
  return std::nullopt;
}

}  // namespace cachegauge
