#include "harness/cli/sample_warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "harness/core/units.h"

namespace cachegauge {
namespace {

// A share of the keys to be sampled, rounded up to a tenth of a percent.
double percent_of(double share) { return std::min(100.0, std::ceil(1000 * share) / 10); }

// What a sample that is too small for some sizes should be.
std::optional<std::string> too_small(const SimulationReport& report, double rate) {
  constexpr double kFewEntries = 100;
  const double object_bytes =
      static_cast<double>(report.footprint_bytes) /
          static_cast<double>(std::max<uint64_t>(1, report.workload.unique_keys)) +
      kItemChargeBytes;
  std::optional<double> least;
  std::string which;
  for (const SimulationResult& result : report.results) {
    if (!result.capacity_objects && !result.capacity_bytes) continue;
    const double entries = result.capacity_objects
                               ? static_cast<double>(*result.capacity_objects)
                               : static_cast<double>(*result.capacity_bytes) / object_bytes;
    if (entries * rate >= kFewEntries || (least && entries >= *least)) continue;
    least = entries;
    which = result.size;
  }
  if (!least) return std::nullopt;
  return fmt::format(
      "the sample's cache for {} has room for {:.0f} objects, where below {} estimates are rough: "
      "take --sample {:g}%",
      which, *least * rate, kFewEntries, percent_of(kFewEntries / *least));
}

// By nature a sample's cache cannot take in what is larger than itself, though the whole's does.
void add_sizes_that_turn_away(const SimulationReport& report, const SampledTrace& sample,
                              std::vector<std::string>& warnings) {
  constexpr double kFewGets = 0.001;
  std::set<std::string> sizes;
  for (const SimulationResult& result : report.results) {
    if (!result.capacity_bytes || result.counts.declined == result.counts.not_admitted) continue;
    if (!sizes.insert(result.size).second) continue;
    const SampledTrace::TurnedAway large =
        sample.turned_away(*result.capacity_bytes, sample.keys().rate());
    if (large.share_of_gets < kFewGets) continue;
    const auto bytes = static_cast<double>(*result.capacity_bytes);
    warnings.push_back(fmt::format(
        "the sample's cache for {} has {} and turns away objects that fit in the whole, for which "
        "{:.1f}% of the gets are: the errors do not cover that, take --sample {:g}%",
        result.size, format_size(static_cast<uint64_t>(bytes * sample.keys().rate())),
        100 * large.share_of_gets, percent_of(static_cast<double>(large.largest_bytes) / bytes)));
  }
}

// By how many standard errors the parts of the sample, in caches an eighth as large, say otherwise.
double shift_in_errors(const SimulationResult& result) {
  const auto estimate = miss_ratio(result.counts);
  if (!estimate || !result.miss_ratio_by_parts || !result.miss_ratio_error) return 0;
  const double shift = std::abs(*result.miss_ratio_by_parts - *estimate);
  constexpr double kSmall = 0.01;
  return shift < kSmall ? 0 : shift / std::max(*result.miss_ratio_error, 1e-9);
}

// Then it is no wonder that they say otherwise.
bool parts_turn_away(const SimulationResult& result, const SampledTrace& sample) {
  if (!result.capacity_bytes) return false;
  const double share = sample.keys().rate() / KeySample::kParts;
  return sample.turned_away(*result.capacity_bytes, share).share_of_gets > 0;
}

// Of the policy for which that is most.
std::optional<std::string> depends_on_scale(const SimulationReport& report,
                                            const SampledTrace& sample) {
  constexpr double kMany = 3;
  const SimulationResult* most = nullptr;
  for (const SimulationResult& result : report.results) {
    if (shift_in_errors(result) < (most ? shift_in_errors(*most) : kMany)) continue;
    if (!parts_turn_away(result, sample)) most = &result;
  }
  if (!most) return std::nullopt;
  return fmt::format(
      "{} at {}: an eighth of the sample in a cache an eighth as large misses {:.2f}%, and the "
      "sample {:.2f}%, so that it depends on the scale and the whole may be off by as much again: "
      "the errors do not cover that, take a larger --sample",
      most->policy, most->size, 100 * *most->miss_ratio_by_parts, 100 * *miss_ratio(most->counts));
}

std::optional<std::string> ends_early(const SampledTrace& sample, uint64_t warmup_requests) {
  const uint64_t warmed_up = sample.warmed_up(warmup_requests);
  if ((warmup_requests - warmed_up) * 100 <= warmup_requests) return std::nullopt;
  return fmt::format("the warm-up of a sample ends within 1,024 requests: at {}, and not at {}",
                     format_count(warmed_up), format_count(warmup_requests));
}

}  // namespace

std::vector<std::string> sample_warnings(const SimulationReport& report, const SampledTrace& sample,
                                         uint64_t warmup_requests) {
  std::vector<std::string> warnings;
  if (auto warning = too_small(report, sample.keys().rate())) {
    warnings.push_back(std::move(*warning));
  }
  add_sizes_that_turn_away(report, sample, warnings);
  if (auto warning = depends_on_scale(report, sample)) warnings.push_back(std::move(*warning));
  if (auto warning = ends_early(sample, warmup_requests)) warnings.push_back(std::move(*warning));
  return warnings;
}

}  // namespace cachegauge
