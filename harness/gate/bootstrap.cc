#include "harness/gate/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "harness/core/random.h"

namespace cachegauge {
namespace {

// The 2.5 % quantile of so many is the 50th of them, within 14 % of its rank.
constexpr size_t kResamples = 2000;

Estimate read_bounds(double value, const std::vector<double>& resampled, double alpha) {
  const auto left = static_cast<size_t>(alpha * static_cast<double>(resampled.size()));
  return {value, resampled[left], resampled[resampled.size() - 1 - left]};
}

Estimate with_bounds(double value, std::vector<double> resampled, double alpha) {
  std::sort(resampled.begin(), resampled.end());
  return read_bounds(value, resampled, alpha);
}

double mean_of(std::span<const double> samples) {
  return std::accumulate(samples.begin(), samples.end(), 0.0) / static_cast<double>(samples.size());
}

double resampled_mean(std::span<const double> samples, SplitMix64& random) {
  double sum = 0;
  for (size_t i = 0; i < samples.size(); ++i) sum += samples[random.below(samples.size())];
  return sum / static_cast<double>(samples.size());
}

// Resampled means of n values vary less than means of n new ones would, by sqrt((n - 1) / n):
// Hesterberg, "What teachers should know about the bootstrap", 2015. So they are moved apart.
double widen(double resampled, double mean, size_t n) {
  return mean + (resampled - mean) * std::sqrt(static_cast<double>(n) / static_cast<double>(n - 1));
}

double change_of(double baseline, double candidate) {
  if (baseline == candidate) return 0;
  if (baseline == 0) return std::copysign(std::numeric_limits<double>::infinity(), candidate);
  return (candidate - baseline) / std::abs(baseline);
}

// Samples in ascending order, and the round that each of them belongs to.
struct Ordered {
  std::vector<double> values;
  std::vector<uint32_t> rounds;
};

Ordered order(std::span<const double> samples, size_t together) {
  std::vector<uint32_t> places(samples.size());
  std::iota(places.begin(), places.end(), 0u);
  std::sort(places.begin(), places.end(),
            [&](uint32_t a, uint32_t b) { return samples[a] < samples[b]; });
  Ordered ordered;
  for (uint32_t place : places) {
    ordered.values.push_back(samples[place]);
    ordered.rounds.push_back(static_cast<uint32_t>(place / together));
  }
  return ordered;
}

// The middle one of as many values, or the mean of the middle two, when those of round r occur
// counts[r] times.
double median_by_counts(const Ordered& ordered, const std::vector<uint32_t>& counts) {
  const size_t count = ordered.values.size();
  size_t seen = 0, i = 0;
  const auto value_at = [&](size_t rank) {
    while (seen <= rank) seen += counts[ordered.rounds[i++]];
    return ordered.values[i - 1];
  };
  const double low = value_at((count - 1) / 2);
  return (low + value_at(count / 2)) / 2;
}

}  // namespace

Estimate ResampledMedian::bounds(double alpha) const {
  return read_bounds(median, resampled, alpha);
}

ResampledMedian resample_median(std::span<const double> samples, size_t together, uint64_t seed) {
  const Ordered ordered = order(samples, together);
  const size_t rounds = samples.size() / together;
  SplitMix64 random(seed);
  std::vector<uint32_t> counts(rounds, 1);
  const double median = median_by_counts(ordered, counts);
  std::vector<double> medians(kResamples);
  for (double& resampled : medians) {
    std::fill(counts.begin(), counts.end(), 0);
    for (size_t i = 0; i < rounds; ++i) ++counts[random.below(rounds)];
    resampled = median_by_counts(ordered, counts);
  }
  std::sort(medians.begin(), medians.end());
  return {median, std::move(medians)};
}

Estimate bootstrap_mean(std::span<const double> samples, double alpha, uint64_t seed) {
  SplitMix64 random(seed);
  const double mean = mean_of(samples);
  std::vector<double> means(kResamples);
  for (double& m : means) m = widen(resampled_mean(samples, random), mean, samples.size());
  return with_bounds(mean, std::move(means), alpha);
}

Estimate bootstrap_mean_change(std::span<const double> baseline, std::span<const double> candidate,
                               double alpha, uint64_t seed) {
  SplitMix64 random(seed);
  const double mean_a = mean_of(baseline), mean_b = mean_of(candidate);
  std::vector<double> changes(kResamples);
  for (double& change : changes) {
    const double a = widen(resampled_mean(baseline, random), mean_a, baseline.size());
    const double b = widen(resampled_mean(candidate, random), mean_b, candidate.size());
    change = change_of(a, b);
  }
  return with_bounds(change_of(mean_a, mean_b), std::move(changes), alpha);
}

}  // namespace cachegauge
