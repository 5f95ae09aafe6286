#include "harness/profile/soon_reused.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace cachegauge {
namespace {

constexpr double kLeastExpected = 1000;

}  // namespace

std::optional<SoonReused> soon_reused(const Histogram& gaps,
                                      const std::vector<uint32_t>& requests_by_id) {
  std::map<uint32_t, uint64_t> keys_with;  // so many requests
  uint64_t all = 0;
  for (uint32_t requests : requests_by_id) {
    all += requests;
    if (requests > 1) ++keys_with[requests];
  }
  for (uint64_t within = 1; within < all / 8; within = within * 2 + 1) {
    const double none = std::log1p(-static_cast<double>(within) / static_cast<double>(all));
    SoonReused soon = {.within = within};
    for (const auto& [requests, keys] : keys_with) {
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
