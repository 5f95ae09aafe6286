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
  void prefetch(uint32_t slot) const { residents_.prefetch(slot); }
  size_t bytes() const { return residents_.bytes() + held_bytes(lives_); }

 protected:
  SampledResidents(const PolicySettings& settings, uint64_t sample)
      : sample_(count_between(settings.spec, "sample", sample, 1, 4096)), random_(settings.seed) {}

  void add(uint32_t slot, const Life& life) {
    lives_[residents_.count()] = life;
    residents_.add(slot);
  }
  void remove(uint32_t slot) {
    const uint32_t place = residents_.place_of(slot);
    residents_.remove(slot);
    lives_[place] = lives_[residents_.count()];
  }
  uint64_t count() const { return residents_.count(); }
  Life& life_of(uint32_t slot) { return lives_[residents_.place_of(slot)]; }

  // worth(slot, life). See SlotPool::least_place().
  template <class Worth>
  uint32_t least_of_sample(const Worth& worth) {
    return residents_.slot_at(residents_.least_place(sample_, random_, [&](uint32_t place) {
      return worth(residents_.slot_at(place), lives_[place]);
    }));
  }

  SplitMix64& random() { return random_; }

 private:
  SlotPool residents_;
  std::vector<Life> lives_;  // by place among the residents: those drawn are close together
  uint64_t sample_;
  SplitMix64 random_;
};

}  // namespace cachegauge
