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

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/sampled_residents.h"

namespace cachegauge {

// When it entered, and how often it was used.
struct HyperbolicLife {
  uint64_t entered;
  uint64_t uses;
};

class HyperbolicOrder : public SampledResidents<HyperbolicLife> {
 public:
  static constexpr ParamInfo kParams[] = {
      {"sample", "count = 64", "how many objects are drawn, of which the one worth least goes"}};
  static constexpr PolicyInfo kInfo = {
      .name = "hyperbolic",
      .summary = "of 64 drawn by chance, evicts the one with the fewest uses for its time and size",
      .paper = "Blankstein, Sen, Freedman, Hyperbolic caching, 2017",
      .params = kParams};

  explicit HyperbolicOrder(const PolicySettings& settings) : SampledResidents(settings, 64) {}

  void enter(const Access& access) { add(access.slot, {.entered = now_++, .uses = 1}); }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    ++life_of(access.slot).uses;
    ++now_;
  }
  void leave(uint32_t slot, uint64_t /*size*/) { remove(slot); }
  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    return least_of_sample([&](uint32_t slot, const HyperbolicLife& life) {
      const double held = to_double(now_ - life.entered);
      return to_double(life.uses) / (held * to_double(sizes.size(slot)));
    });
  }

 private:
  uint64_t now_ = 0;  // counts uses and insertions
};

using HyperbolicPolicy = OrderPolicy<HyperbolicOrder>;

}  // namespace cachegauge
