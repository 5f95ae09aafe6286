#include "harness/profile/popularity.h"

#include <algorithm>
#include <functional>
#include <numeric>

#include "harness/profile/zipf_fit.h"

namespace cachegauge {
namespace {

// The most first. Most keys have few requests, so those are counted instead of compared.
void sort_falling(std::vector<uint32_t>& requests) {
  constexpr uint32_t kFew = 1 << 12;
  std::vector<size_t> keys_with(kFew);
  const auto few = std::partition(requests.begin(), requests.end(),
                                  [](uint32_t count) { return count >= kFew; });
  std::sort(requests.begin(), few, std::greater<>());
  for (auto at = few; at != requests.end(); ++at) ++keys_with[*at];
  auto at = few;
  for (uint32_t count = kFew; count-- > 0;) at = std::fill_n(at, keys_with[count], count);
}

double sum(const std::vector<uint32_t>& falling, size_t first) {
  const auto end = falling.begin() + static_cast<std::ptrdiff_t>(first);
  return std::accumulate(falling.begin(), end, 0.0);
}

// Of a hundredth of the keys, or more; at least one.
size_t percent_of(size_t keys, size_t percent) { return (keys * percent + 99) / 100; }

}  // namespace

std::vector<uint32_t> hottest_ids(const std::vector<uint32_t>& requests_by_id) {
  std::vector<uint32_t> hottest;
  const auto hotter = [&](uint32_t a, uint32_t b) {
    return requests_by_id[a] != requests_by_id[b] ? requests_by_id[a] > requests_by_id[b] : a < b;
  };
  for (uint32_t id = 0; id < requests_by_id.size(); ++id) {
    if (hottest.size() == kHottestKeys && !hotter(id, hottest.back())) continue;
    if (hottest.size() == kHottestKeys) hottest.pop_back();
    hottest.insert(std::upper_bound(hottest.begin(), hottest.end(), id, hotter), id);
  }
  return hottest;
}

Popularity popularity_of(std::vector<uint32_t> requests) {
  Popularity popularity;
  const size_t keys = requests.size();
  if (keys == 0) return popularity;
  sort_falling(requests);
  const double all = sum(requests, keys);
  const auto once = std::lower_bound(requests.begin(), requests.end(), 1u, std::greater<>());
  popularity.one_hit_keys = static_cast<uint64_t>(requests.end() - once);
  const auto one_hit = static_cast<double>(popularity.one_hit_keys);
  popularity.one_hit_key_share = one_hit / static_cast<double>(keys);
  popularity.one_hit_request_share = one_hit / all;
  popularity.top_1_percent_share = sum(requests, percent_of(keys, 1)) / all;
  popularity.top_10_percent_share = sum(requests, percent_of(keys, 10)) / all;
  popularity.zipf = fit_zipf(requests);
  return popularity;
}

}  // namespace cachegauge
