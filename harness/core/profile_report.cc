#include "harness/core/profile_report.h"

#include <algorithm>

namespace cachegauge {
namespace {

std::vector<Spread::Step> steps_of(const Histogram& histogram, double unit) {
  std::vector<Spread::Step> steps;
  const std::vector<uint64_t>& counts = histogram.bucket_counts();
  uint64_t seen = 0;
  uint64_t power = 1;  // the step under way ends below it
  for (size_t i = 0; i < counts.size() && seen < histogram.count(); ++i) {
    seen += counts[i];
    const auto next = static_cast<uint64_t>(Histogram::bucket_high(i)) + 1;
    if (next != power) continue;
    power *= 2;
    if (seen == 0) continue;
    steps.push_back({static_cast<double>(next - 1) * unit,
                     static_cast<double>(seen) / static_cast<double>(histogram.count())});
  }
  if (!steps.empty() && steps.back().share == 1) return steps;
  steps.push_back({static_cast<double>(power - 1) * unit, 1});
  return steps;
}

}  // namespace

std::optional<Spread> spread_of(const Histogram& histogram, double unit) {
  if (histogram.empty()) return std::nullopt;
  const auto at = [&](double q) { return static_cast<double>(histogram.percentile(q)) * unit; };
  return Spread{.count = histogram.count(),
                .min = static_cast<double>(histogram.min()) * unit,
                .mean = histogram.mean() * unit,
                .p50 = at(0.5),
                .p90 = at(0.9),
                .p99 = at(0.99),
                .max = static_cast<double>(histogram.max()) * unit,
                .steps = steps_of(histogram, unit)};
}

std::string ProfileReport::id() const {
  std::string text = workload_label;
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

}  // namespace cachegauge
