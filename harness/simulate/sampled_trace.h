// A workload to be simulated, whole or by a sample of its keys, from which the counts of the whole
// are estimated.
//
// Estimates. A sample at rate R, in a cache of C × R, has m misses; the whole is estimated to have
// m / R of them among its gets, which are counted exactly while the sample is taken. That is the
// correction of SHARDS (SHARDS-adj: Waldspurger et al., FAST 2015), since it is the popular keys,
// which rarely miss, that make a sample's gets too many or too few. For policies other than LRU it
// is a miniature simulation (Waldspurger, Saemundsson, Ahmad, Park, "Cache Modeling and
// Optimization using Miniature Simulations", USENIX ATC 2017). Of what is not a get or a miss the
// sample's count is divided by R.
//
// Standard errors. The sample is cut into KeySample::kParts parts by further bits of the keys'
// places, and each is simulated alone, at rate R / kParts. The spread of their estimates s gives
// the error of a mean of them, s / sqrt(kParts), and the whole sample is taken to err as their mean
// does; with a factor sqrt(1 - R), as what is sampled is finite. It is the error of which keys are
// in the sample, and not what a policy does otherwise in a small cache. That shows where the mean
// of the parts' estimates, from caches smaller yet, is another one; but not all of it: what comes
// again within fewer requests than lie between two of the sample's is at once for sample and parts
// alike.
#pragma once

#include <atomic>
#include <functional>
#include <vector>

#include "harness/simulate/curves.h"
#include "harness/simulate/grid.h"
#include "harness/simulate/sampled_workload.h"

namespace cachegauge {

class SampledTrace {
 public:
  // Reads the workload, once. As InternedTrace; and throws Error::usage if the sample has no keys,
  // though the workload has.
  SampledTrace(const Workload& workload, const RequestRules& rules, const KeySample& keys,
               uint64_t most_bytes_in_memory, ArrivalTimes times = ArrivalTimes::kAll);

  // Reads a sample that was taken: a share keys.rate() of the keys of `whole`. Bytes of gets are
  // estimated as well, and there can be no warm-up.
  SampledTrace(const Workload& sample, const KeySample& keys, const TraceSummary& whole);

  const KeySample& keys() const { return keys_; }
  // What is simulated.
  const InternedTrace& trace() const { return trace_; }
  // Of the workload; of a sample the keys and the footprint are estimates.
  const TraceSummary& summary() const { return summary_; }
  // InternedTrace::compulsory_misses() of the workload, by estimate.
  uint64_t compulsory_misses(uint64_t warmup_requests) const;

  // Of a warm-up of so many requests, those that it leaves out: of a sample up to 1024 fewer.
  uint64_t warmed_up(uint64_t warmup_requests) const;

  // Gets of objects that fit in a cache of so many bytes, and not in one of this share of them.
  struct TurnedAway {
    double share_of_gets = 0;    // of the sample's
    uint64_t largest_bytes = 0;  // what the largest of the objects takes
  };
  TurnedAway turned_away(uint64_t capacity_bytes, double share) const;

  // simulate_grid() and miss_ratio_curves() of the workload: sizes and the warm-up are those of
  // the whole. Not thread-safe.
  std::vector<SimulationResult> simulate(const std::vector<Spec>& policies,
                                         std::vector<CacheSize> sizes, const GridOptions& options,
                                         const std::atomic<bool>& stop);
  std::vector<MissRatioCurve> curves(const std::vector<Spec>& policies, bool in_bytes,
                                     const GridOptions& options, const std::atomic<bool>& stop);

 private:
  using VisitPart =
      std::function<void(uint32_t which, const InternedTrace& part, const GridOptions& options)>;

  double part_rate() const { return keys_.rate() / KeySample::kParts; }
  uint64_t of_whole(uint64_t sampled) const;
  void find_next_uses_for(const std::vector<Spec>& policies);
  GridOptions options_of_sample(const GridOptions& options) const;
  // On as many threads as the options say.
  void for_each_part(const GridOptions& of_sample, const std::atomic<bool>& stop,
                     const VisitPart& visit) const;
  SimulationCounts estimate(const SimulationCounts& sampled, uint64_t warmup_requests) const;
  void estimate(MissRatioCurve& curve, uint64_t warmup_requests) const;

  KeySample keys_;
  WholeCounts whole_;  // empty where all keys are held
  InternedTrace trace_;
  TraceSummary summary_;
  bool has_next_uses_ = false;
};

}  // namespace cachegauge
