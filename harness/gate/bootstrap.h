// Intervals by resampling, with a fixed seed: the same samples give the same interval.
//
// Efron, "Bootstrap methods: another look at the jackknife", 1979; percentile intervals.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cachegauge {

// A figure and its one-sided bounds: each is missed with a chance of about alpha.
struct Estimate {
  double value = 0, low = 0, high = 0;
};

// A median, and those of the resamples in ascending order: bounds of any chance are read off them.
struct ResampledMedian {
  double median = 0;
  std::vector<double> resampled;

  Estimate bounds(double alpha) const;
};

// Of `samples` (at least one). Each `together` of them, one after the other, belong to one round,
// and are drawn together or not at all.
ResampledMedian resample_median(std::span<const double> samples, size_t together, uint64_t seed);

// The mean of `samples` (at least two).
Estimate bootstrap_mean(std::span<const double> samples, double alpha, uint64_t seed);

// mean(candidate) / mean(baseline) - 1, each of at least two samples and resampled by itself. From
// a baseline whose mean is 0 it is 0 if nothing changed, and infinite with the sign of the change
// if something did.
Estimate bootstrap_mean_change(std::span<const double> baseline, std::span<const double> candidate,
                               double alpha, uint64_t seed);

}  // namespace cachegauge
