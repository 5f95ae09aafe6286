#include "harness/profile/zipf_fit.h"

#include <algorithm>
#include <cmath>

namespace cachegauge {
namespace {

constexpr size_t kFewestRanks = 10;
constexpr double kLargestAlpha = 20;
constexpr uint64_t kEachRankUntil = 1024;
constexpr uint64_t kStepsToRank = 128;

// Ranks (end - width, end], taken to be at their middle.
struct RankStep {
  uint64_t end;
  double width, log_rank;
};

std::vector<RankStep> rank_steps(uint64_t ranks) {
  std::vector<RankStep> steps;
  for (uint64_t done = 0; done < ranks;) {
    const uint64_t width = done < kEachRankUntil ? 1 : std::min(done / kStepsToRank, ranks - done);
    const double middle = static_cast<double>(done) + (static_cast<double>(width) + 1) / 2;
    done += width;
    steps.push_back({done, static_cast<double>(width), std::log(middle)});
  }
  return steps;
}

double weight(const RankStep& step, double alpha) {
  return step.width * std::exp(-alpha * step.log_rank);
}

double mean_log_rank(const std::vector<RankStep>& steps, double alpha) {
  double sum = 0, total = 0;
  for (const RankStep& step : steps) {
    const double w = weight(step, alpha);
    sum += w * step.log_rank;
    total += w;
  }
  return sum / total;
}

// The mean of ln r falls as α rises, so halving finds where it is the trace's.
double solve(const std::vector<RankStep>& steps, double wanted) {
  double low = 0, high = kLargestAlpha;
  for (int i = 0; i < 40; ++i) {
    const double middle = (low + high) / 2;
    (mean_log_rank(steps, middle) > wanted ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

std::optional<ZipfFit> fit_zipf(const std::vector<uint32_t>& falling) {
  if (falling.size() < kFewestRanks) return std::nullopt;
  const std::vector<RankStep> steps = rank_steps(falling.size());
  double requests = 0, log_ranks = 0, total = 0;
  for (size_t i = 0; i < falling.size(); ++i) {
    requests += falling[i];
    log_ranks += falling[i] * std::log(static_cast<double>(i + 1));
  }
  ZipfFit fit;
  fit.alpha = solve(steps, log_ranks / requests);
  for (const RankStep& step : steps) total += weight(step, fit.alpha);
  double seen = 0, expected = 0;
  size_t rank = 0;
  for (const RankStep& step : steps) {
    for (; rank < step.end; ++rank) seen += falling[rank];
    expected += weight(step, fit.alpha);
    fit.ks_distance = std::max(fit.ks_distance, std::abs(seen / requests - expected / total));
  }
  return fit;
}

}  // namespace cachegauge
