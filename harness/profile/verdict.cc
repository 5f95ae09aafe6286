#include "harness/profile/verdict.h"

#include <algorithm>
#include <cmath>

#include "harness/simulate/grid.h"

namespace cachegauge {
namespace {

constexpr double kUsualShare = 0.9;
constexpr size_t kPricedSizes = 200;
// The first is what sizes are chosen by.
constexpr std::string_view kPolicies[] = {"lru", "sieve", "s3fifo", "arc", "wtinylfu"};
constexpr std::string_view kAskedAbout = "--memory";  // the reason for a size

std::optional<SizePoint> cheapest(const LruSizes& sizes, const SizeWishes& wishes) {
  std::optional<SizePoint> best;
  double least = 0;
  for (const SizePoint& size : sizes.curve(kPricedSizes)) {
    const double calls = *wishes.gets_per_second * (1 - size.hit_ratio);
    const double cost = monthly_cost(wishes.prices, size.bytes, calls).total();
    if (best && cost >= least) continue;
    best = size;
    least = cost;
  }
  return best;
}

void set_miss_ratio(Verdict& verdict, double miss_ratio) {
  CacheTimes of_one_ns;
  of_one_ns.get_ns.record(1);
  of_one_ns.set_ns = 1;
  verdict.miss_ratio = miss_ratio;
  verdict.break_even_factor = break_even_ns(of_one_ns, miss_ratio);
}

}  // namespace

void choose_size(const LruSizes& sizes, const SizeWishes& wishes, const std::atomic<bool>& stop,
                 Verdict& verdict) {
  verdict.size_in_bytes = sizes.in_bytes() || wishes.memory_bytes;
  const bool priced =
      wishes.prices.gib_month && wishes.prices.origin_call && wishes.gets_per_second;
  if (wishes.memory_bytes) {
    verdict.size = sizes.size_of_bytes(*wishes.memory_bytes, stop);
    verdict.size_reason = kAskedAbout;
  } else if (priced) {
    verdict.size = cheapest(sizes, wishes);
    verdict.size_reason = "the cheapest at these prices";
  } else {
    verdict.size = sizes.size_for(kUsualShare * sizes.best_hit_ratio());
    verdict.size_reason = "90% of the best hit ratio of LRU";
  }
  if (verdict.size) set_miss_ratio(verdict, 1 - verdict.size->hit_ratio);
}

void choose_policy(const InternedTrace& trace, const ProfiledTrace& profiled, uint32_t threads,
                   const std::atomic<bool>& stop, Verdict& verdict) {
  if (!verdict.size) return;
  const bool in_bytes = verdict.size_in_bytes;
  const CacheSize size = {
      .text = {},
      .unit = in_bytes ? CacheSize::Unit::kBytes : CacheSize::Unit::kEntries,
      .value = static_cast<double>(in_bytes ? verdict.size->bytes : verdict.size->objects)};
  const GridOptions options = {.threads = threads};
  // The sample's caches would be smaller yet, and pass by what this one takes in.
  const bool by_sample =
      profiled.sample && (!in_bytes || profiled.sizes->can_tell(verdict.size->bytes));
  // Then LRU was simulated where the size was asked about.
  const bool knows_lru = !by_sample && verdict.size_reason == kAskedAbout;
  if (knows_lru) verdict.policies.push_back({std::string(kPolicies[0]), verdict.size->hit_ratio});
  std::vector<Spec> policies;
  policies.reserve(std::size(kPolicies));
  for (size_t i = knows_lru; i < std::size(kPolicies); ++i) {
    policies.emplace_back(std::string(kPolicies[i]));
  }
  for (const SimulationResult& result :
       by_sample ? profiled.sample->simulate(policies, {size}, options, stop)
                 : simulate_grid(trace, policies, {size}, options, stop)) {
    verdict.policies.push_back(
        {result.policy, hit_ratio(result.counts).value_or(0), result.miss_ratio_error});
  }
  if (!by_sample && !verdict.policies.empty()) {
    verdict.size->hit_ratio = verdict.policies.front().hit_ratio;
  }
  const auto best = std::max_element(
      verdict.policies.begin(), verdict.policies.end(),
      [](const PolicyChoice& a, const PolicyChoice& b) { return a.hit_ratio < b.hit_ratio; });
  if (best == verdict.policies.end()) return;
  verdict.policy = best->policy;
  set_miss_ratio(verdict, 1 - best->hit_ratio);
}

Candidate judge(const CacheTimes& cache, const Verdict& verdict, const LruSizes& sizes,
                const Histogram* origin) {
  Candidate candidate;
  candidate.get_ns = cache.get_ns.mean();
  candidate.get_p99_ns = static_cast<double>(cache.get_ns.percentile(0.99));
  candidate.set_ns = cache.set_ns;
  candidate.break_even_ns = break_even_ns(cache, verdict.miss_ratio);
  if (!origin) return candidate;
  const double origin_ns = origin->mean();
  candidate.mean_ns = mean_with_cache_ns(cache, verdict.miss_ratio, origin_ns);
  candidate.p99_ns = percentile_with_cache_ns(cache, verdict.miss_ratio, *origin, 0.99);
  candidate.pays = *candidate.mean_ns < origin_ns;
  const double hit_ratio = 1 - highest_miss_ratio(cache, origin_ns);
  if (hit_ratio < sizes.best_hit_ratio()) {
    candidate.smallest = sizes.size_for(std::nextafter(hit_ratio, 1.0));
  }
  return candidate;
}

}  // namespace cachegauge
