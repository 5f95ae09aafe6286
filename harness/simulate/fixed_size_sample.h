// The miss-ratio curve of LRU in memory that does not grow with the workload: SHARDS of a fixed
// size (Waldspurger, Park, Garthwaite, Ahmad, "Efficient MRC construction with SHARDS", FAST 2015).
//
// It begins as a sample of all keys. Whenever that has one key more than it may, the key whose
// place is the highest goes, and the rate falls to that place (key_sample.h). A reuse distance is
// divided by the rate at that time, and a get counts for as many as the rate then stands for, which
// comes to the same as scaling down what was counted before. Gets are counted exactly, as in
// sampled_trace.h, and errors come from as many parts, each with its share of the keys.
//
// Not thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "adapters/local/policies/policy.h"
#include "harness/core/request_rules.h"
#include "harness/core/simulation_report.h"
#include "harness/core/workload.h"
#include "harness/simulate/interned_trace.h"
#include "harness/simulate/key_sample.h"
#include "harness/simulate/lru_stack.h"

namespace cachegauge {

// The stack of a sample, or of a part of one, and what is hit at which size.
class SampledStack {
 public:
  struct Weights {
    double gets = 0, bytes = 0;
  };

  // `share` of the workload's keys are offered to it.
  SampledStack(uint32_t most_keys, double share, bool in_bytes);

  // A request whose key has this place; `counts` after the warm-up.
  void serve(const Request& request, uint64_t key_hash, uint64_t place, int64_t now_ns,
             bool counts);

  // The share of the workload's keys that it holds.
  double rate() const;
  uint32_t keys() const { return static_cast<uint32_t>(ids_.size()); }
  uint64_t sampled_requests() const { return sampled_requests_; }
  uint64_t held_bytes() const { return held_bytes_; }  // footprint of the keys
  // Counted gets that are the first request of their key.
  double first_gets() const { return first_gets_; }
  // Counted gets that are misses at this size.
  Weights missed_at(uint64_t size) const;
  // The smallest and the largest size at which hits are gained; 0 without hits.
  std::pair<uint64_t, uint64_t> sizes() const;

 private:
  struct Key {
    uint64_t hash = 0;
    uint64_t footprint = 0;
    StackedObject object;
  };

  // The id of a key that is new; kNoSlot if it is the one that must go.
  uint32_t take_in(const Request& request, uint64_t key_hash, uint64_t place);
  void drop_highest();
  void gain(uint64_t depth, const Weights& weights);

  uint32_t most_keys_;
  double share_;
  bool in_bytes_;
  uint64_t threshold_ = UINT64_MAX;
  std::unordered_map<uint64_t, uint32_t> ids_;                // by key hash
  std::priority_queue<std::pair<uint64_t, uint32_t>> order_;  // place and id, the highest first
  std::vector<uint32_t> free_ids_;
  std::vector<Key> keys_;  // by id
  LruStack<SuffixSums<uint64_t>> stack_;
  std::vector<Weights> gained_;  // by bucket of size
  Weights all_;                  // counted gets
  double first_gets_ = 0;
  uint64_t sampled_requests_ = 0, held_bytes_ = 0;
};

struct FixedSizeOptions {
  uint32_t most_keys = 8192;
  uint64_t seed = 42;
  bool in_bytes = false;
  uint64_t warmup_requests = 0;
};

// Reads the workload, once, until `stop` becomes true.
class FixedSizeSample {
 public:
  FixedSizeSample(const Workload& workload, const RequestRules& rules,
                  const FixedSizeOptions& options, const std::atomic<bool>& stop);

  // Of the workload; keys, footprint are estimates.
  const TraceSummary& summary() const { return summary_; }
  SampleFacts facts() const;
  const MissRatioCurve& curve() const { return curve_; }
  uint64_t compulsory_misses() const;  // as InternedTrace's, by estimate

 private:
  void serve(const Request& request, uint64_t key_hash);
  void draw_curve();
  CurvePoint point_at(uint64_t size) const;

  FixedSizeOptions options_;
  KeySample keys_;
  std::vector<SampledStack> stacks_;  // of the sample, then of its parts
  int64_t now_ns_ = 0;
  TraceSummary summary_;
  MissRatioCurve curve_;
};

}  // namespace cachegauge
