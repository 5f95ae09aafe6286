// Hyperbolic caching: an object is worth its uses over the time that it has been held, and over its
// size; of some drawn by chance the one worth least goes. Blankstein, Sen, Freedman, "Hyperbolic
// caching: flexible caching for web applications", USENIX ATC 2017.
//
// The worth of an object falls while it is not used, at a pace of its own, so there is no order to
// keep, and the paper draws 64 objects for each victim. Time is counted in uses and insertions. An
// object's uses are 1 when it enters. The size is what the object is charged: with a capacity in
// entries it is 1.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/flat_array.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/parameters.h"
#include "adapters/local/policies/slot_pool.h"
#include "harness/core/random.h"

namespace cachegauge {

class HyperbolicOrder {
 public:
  static constexpr ParamInfo kParams[] = {
      {"sample", "count = 64", "how many objects are drawn, of which the one worth least goes"}};
  static constexpr PolicyInfo kInfo = {
      .name = "hyperbolic",
      .summary = "of 64 drawn by chance, evicts the one with the fewest uses for its time and size",
      .paper = "Blankstein, Sen, Freedman, Hyperbolic caching, 2017",
      .params = kParams};

  explicit HyperbolicOrder(const PolicySettings& settings)
      : sample_(count_between(settings.spec, "sample", 64, 1, 4096)), random_(settings.seed) {}

  void enter(const Access& access) {
    lives_[residents_.count()] = {.entered = now_++, .uses = 1};
    residents_.add(access.slot);
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    ++lives_[residents_.place_of(access.slot)].uses;
    ++now_;
  }
  void leave(uint32_t slot, uint64_t /*size*/) {
    const uint32_t place = residents_.place_of(slot);
    residents_.remove(slot);
    lives_[place] = lives_[residents_.count()];
  }
  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    const uint32_t place = residents_.least_place(sample_, random_, [&](uint32_t drawn) {
      const Life& life = lives_[drawn];
      const double held = to_double(now_ - life.entered);
      return to_double(life.uses) / (held * to_double(sizes.size(residents_.slot_at(drawn))));
    });
    return residents_.slot_at(place);
  }

  bool holds(uint32_t slot) const { return residents_.contains(slot); }
  void reserve(uint32_t slots) {
    residents_.reserve(slots);
    grow_exactly(lives_, slots);
  }
  void prefetch(uint32_t slot) const { residents_.prefetch(slot); }
  size_t bytes() const { return residents_.bytes() + held_bytes(lives_); }

 private:
  struct Life {
    uint64_t entered;
    uint64_t uses;
  };

  uint64_t sample_;
  SplitMix64 random_;
  SlotPool residents_;
  std::vector<Life> lives_;  // by place among the residents: those drawn are close together
  uint64_t now_ = 0;         // counts uses and insertions
};

using HyperbolicPolicy = OrderPolicy<HyperbolicOrder>;

}  // namespace cachegauge
