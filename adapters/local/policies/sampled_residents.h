// What the policies share that draw objects and evict the one worth least (hyperbolic.h, lhd.h):
// the residents, what is known of each, and how many are drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/policy.h"
#include "adapters/local/policies/slot_pool.h"
#include "harness/core/random.h"

namespace cachegauge {

template <class Life>
class SampledResidents {
 public:
  bool holds(uint32_t slot) const { return residents_.contains(slot); }
  void reserve(uint32_t slots) {
    residents_.reserve(slots);
    grow_exactly(lives_, slots);
  }
  void prefetch(uint32_t slot) const {
    residents_.prefetch(slot);
    __builtin_prefetch(&lives_[slot], 1);
  }
  size_t bytes() const { return residents_.bytes() + held_bytes(lives_); }

 protected:
  SampledResidents(const PolicySettings& settings, uint64_t sample)
      : sample_(count_between(settings.spec, "sample", sample, 1, 4096)), random_(settings.seed) {}

  // See SlotPool::least_of().
  template <class Worth>
  uint32_t least_of_sample(const Worth& worth) {
    return residents_.least_of(sample_, random_, worth);
  }

  SlotPool residents_;
  std::vector<Life> lives_;  // by slot
  uint64_t sample_;
  SplitMix64 random_;
};

}  // namespace cachegauge
