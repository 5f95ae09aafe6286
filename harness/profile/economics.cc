#include "harness/profile/economics.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace cachegauge {
namespace {

constexpr double kMonthSeconds = 365.25 / 12 * 86'400;

// A value, and the share of all gets that take as long.
using Part = std::pair<double, double>;

void add_parts(std::vector<Part>& parts, const Histogram& histogram, double share, double more_ns) {
  const std::vector<uint64_t>& counts = histogram.bucket_counts();
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const int64_t middle = (Histogram::bucket_low(i) + Histogram::bucket_high(i)) / 2;
    const int64_t ns = std::clamp(middle, histogram.min(), histogram.max());
    parts.emplace_back(
        static_cast<double>(ns) + more_ns,
        share * static_cast<double>(counts[i]) / static_cast<double>(histogram.count()));
  }
}

}  // namespace

std::optional<double> break_even_ns(const CacheTimes& cache, double miss_ratio) {
  if (miss_ratio >= 1) return std::nullopt;
  return (cache.get_ns.mean() + miss_ratio * cache.set_ns) / (1 - miss_ratio);
}

double mean_with_cache_ns(const CacheTimes& cache, double miss_ratio, double origin_ns) {
  return cache.get_ns.mean() + miss_ratio * (origin_ns + cache.set_ns);
}

double percentile_with_cache_ns(const CacheTimes& cache, double miss_ratio, const Histogram& origin,
                                double q) {
  std::vector<Part> parts;
  add_parts(parts, cache.get_ns, 1 - miss_ratio, 0);
  add_parts(parts, origin, miss_ratio, cache.get_ns.mean() + cache.set_ns);
  std::sort(parts.begin(), parts.end());
  double seen = 0;
  for (const auto& [ns, share] : parts) {
    seen += share;
    if (seen >= q * (1 - 1e-12)) return ns;  // against what the sum rounds off
  }
  return parts.empty() ? 0 : parts.back().first;
}

double highest_miss_ratio(const CacheTimes& cache, double origin_ns) {
  return (origin_ns - cache.get_ns.mean()) / (origin_ns + cache.set_ns);
}

MonthlyCost monthly_cost(const Prices& prices, uint64_t cache_bytes, double calls_per_second) {
  constexpr double kGiB = 1 << 30;
  return {.memory = prices.gib_month.value_or(0) * static_cast<double>(cache_bytes) / kGiB,
          .origin = prices.origin_call.value_or(0) * calls_per_second * kMonthSeconds};
}

}  // namespace cachegauge
