// LHD: of some drawn by chance, the object goes that will bring the fewest hits for the time and
// the space that it takes (hit_density.h). Beckmann, Chen, Cidon, "LHD: improving cache hit rate by
// maximizing hit density", NSDI 2018.
//
// An object's age is the time since its last use, and its class follows from the ages at which it
// was hit the last two times, added up, by powers of two; what was hit once is in the highest of
// these, and what was never hit in a class of its own. (To the authors' simulator those two are
// one, which costs 0.01 to 0.025 of the hit ratio on keys of a Zipf distribution.) Time is counted
// in uses and insertions. As there 32 objects are drawn for each victim and the last eight that
// entered are added, since draws miss them (there of those that look like victims alone).
// Explorers, which are picked by chance with one use in 32, may take a hundredth of the capacity
// and are kept for longer than their density says, so that hits at high ages are seen at all; there
// the first 50 renewals have them. An object goes first at the highest age that is told apart.
//
// The model is renewed each 16 uses for each object held, at least each 4,096 and at most each 2^20
// uses; the authors' is renewed each 2^20. A unit of age is a 64th to a 32nd of the number of
// objects held, as a power of two, and 2,048 of them are told apart; theirs is a 200th, of 20,000.
// That makes the model a tenth in size, and so fit for small caches.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>

#include "adapters/local/policies/charges.h"
#include "adapters/local/policies/hit_density.h"
#include "adapters/local/policies/order_policy.h"
#include "adapters/local/policies/sampled_residents.h"

namespace cachegauge {

struct LhdLife {
  uint64_t used : 63;  // when it was used last
  uint64_t explorer : 1;
  uint32_t last_age;    // at its last hit, in requests
  uint32_t age_before;  // at the one before
};

class LhdOrder : public SampledResidents<LhdLife> {
 public:
  static constexpr ParamInfo kParams[] = {
      {"sample", "count = 32", "how many objects are drawn, of which the least dense goes"},
      {"explore", "share = 1%", "the part of the capacity that shows whether to keep for longer"}};
  static constexpr PolicyInfo kInfo = {
      .name = "lhd",
      .summary = "of 32 drawn by chance, evicts what will hit least for its time and size",
      .paper =
          "Beckmann, Chen, Cidon, LHD: improving cache hit rate by maximizing hit density, 2018",
      .params = kParams};

  explicit LhdOrder(const PolicySettings& settings)
      : SampledResidents(settings, 32),
        explorers_limit_(share_of(settings.capacity.limit, settings.spec.share("explore", 0.01))) {
    admitted_.fill(kNoSlot);
  }

  void enter(const Access& access) {
    add(access.slot, {.used = now_, .explorer = 0, .last_age = kNever, .age_before = kNever});
    admitted_[admissions_++ % admitted_.size()] = access.slot;
    explore(access);
    tick();
  }
  template <class Sizes>
  void touch(const Access& access, const Sizes&) {
    LhdLife& life = life_of(access.slot);
    density_.add_hit(class_of(life), age_of(life));
    stop_exploring(life, access.size);
    life.age_before = life.last_age;
    life.last_age = static_cast<uint32_t>(std::min<uint64_t>(now_ - life.used, kNever));
    life.used = now_;
    explore(access);
    tick();
  }
  void resized(const Access& access, uint64_t old_size) {
    if (life_of(access.slot).explorer) explorers_used_ += access.size - old_size;
  }
  void leave(uint32_t slot, uint64_t size) {
    stop_exploring(life_of(slot), size);
    remove(slot);
    std::replace(admitted_.begin(), admitted_.end(), slot, kNoSlot);
  }

  template <class Sizes>
  uint32_t victim(const Sizes& sizes) {
    const auto worth = [&](uint32_t slot, const LhdLife& life) {
      return worth_of(life, sizes.size(slot));
    };
    uint32_t victim = least_of_sample(worth);
    for (const uint32_t slot : admitted_) {
      if (slot != kNoSlot && worth(slot, life_of(slot)) < worth(victim, life_of(victim))) {
        victim = slot;
      }
    }
    return victim;
  }
  void give_up(uint32_t slot) {
    density_.add_eviction(class_of(life_of(slot)), age_of(life_of(slot)));
  }

  size_t bytes() const { return SampledResidents::bytes() + density_.bytes(); }

 private:
  static constexpr uint32_t kNever = std::numeric_limits<uint32_t>::max();
  // Of the sum of two ages, which is below twice kAges.
  static constexpr uint32_t kHitOnce = std::bit_width(HitDensity::kAges);
  static constexpr uint32_t kNeverHit = kHitOnce + 1;
  static constexpr uint32_t kClasses = kNeverHit + 1;
  static constexpr uint64_t kLeastPeriod = 1 << 12, kMostPeriod = 1 << 20;
  static constexpr uint64_t kUsesPerObject = 16;
  static constexpr uint64_t kUnitsPerObjects = 64;
  static constexpr uint64_t kUsesPerExplorer = 32;

  uint32_t age_of(const LhdLife& life) const {
    return static_cast<uint32_t>(
        std::min<uint64_t>((now_ - life.used) >> shift_, HitDensity::kLastAge));
  }
  uint32_t class_of(const LhdLife& life) const {
    if (life.last_age == kNever) return kNeverHit;
    const uint64_t ages = (uint64_t{life.last_age} + life.age_before) >> shift_;
    return std::min<uint32_t>(std::bit_width(ages), kHitOnce);
  }
  double worth_of(const LhdLife& life, uint64_t size) const {
    const uint32_t age = age_of(life);
    if (age == HitDensity::kLastAge) return -1;
    return density_.of(class_of(life), age) / static_cast<double>(size) + life.explorer;
  }

  void explore(const Access& access) {
    if (explorers_used_ + access.size > explorers_limit_) return;
    if (random().below(kUsesPerExplorer) != 0) return;
    life_of(access.slot).explorer = 1;
    explorers_used_ += access.size;
  }
  void stop_exploring(LhdLife& life, uint64_t size) {
    if (life.explorer) explorers_used_ -= size;
    life.explorer = 0;
  }

  void tick() {
    if (++now_ < renewal_at_) return;
    const uint64_t held = count();
    const uint32_t shift = std::bit_width(held / kUnitsPerObjects);
    for (; shift_ < shift; ++shift_) density_.double_unit();
    for (; shift_ > shift; --shift_) density_.halve_unit();
    density_.update();
    renewal_at_ = now_ + std::clamp(kUsesPerObject * held, kLeastPeriod, kMostPeriod);
  }

  uint64_t explorers_limit_;
  uint64_t explorers_used_ = 0;
  HitDensity density_{kClasses};
  std::array<uint32_t, 8> admitted_;  // the last ones, while they are held
  uint64_t admissions_ = 0;
  uint64_t now_ = 0;
  uint64_t renewal_at_ = kLeastPeriod;
  uint32_t shift_ = 0;  // a unit of age is 2^shift_ requests
};

using LhdPolicy = OrderPolicy<LhdOrder>;

}  // namespace cachegauge
