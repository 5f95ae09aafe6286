// How many hits an object will bring for the time that it is held, learned from what became of
// others of its class and age: the model of LHD (lhd.h). Beckmann, Chen, Cidon, "LHD: improving
// cache hit rate by maximizing hit density", NSDI 2018.
//
// For each class and age two counts are kept: of objects hit at that age and of objects evicted at
// it. An object that has reached age a will be hit with the probability H / E, H being the hits at
// a or later and E all events there; until its event it will take L / E units of time, L being the
// sum of E over the ages from a on; and so its hit density is H / L. Old counts fade: before each
// update they are weighted by 0.9, as the authors do. Until the first update the density falls with
// the age, and is higher in the lower classes.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "adapters/local/policies/flat_array.h"

namespace cachegauge {

class HitDensity {
 public:
  static constexpr uint32_t kAges = 2048;
  static constexpr uint32_t kLastAge = kAges - 1;  // and all above it

  explicit HitDensity(uint32_t classes)
      : hits_(classes * kAges), evictions_(hits_.size()), densities_(hits_.size()) {
    for (uint32_t i = 0; i < densities_.size(); ++i) {
      densities_[i] = static_cast<float>(classes - i / kAges) / static_cast<float>(i % kAges + 1);
    }
  }

  void add_hit(uint32_t of_class, uint32_t age) { hits_[of_class * kAges + age] += 1; }
  void add_eviction(uint32_t of_class, uint32_t age) { evictions_[of_class * kAges + age] += 1; }
  float of(uint32_t of_class, uint32_t age) const { return densities_[of_class * kAges + age]; }

  // From the events so far.
  void update() {
    for (uint32_t first = 0; first < densities_.size(); first += kAges) update_class(first);
  }

  // One unit of age is twice, or half, as long from now on. Densities follow with the next update.
  void double_unit() {
    for (std::vector<float>* events : {&hits_, &evictions_}) {
      for (auto row = events->begin(); row != events->end(); row += kAges) {
        for (uint32_t age = 0; age < kAges / 2; ++age) row[age] = row[2 * age] + row[2 * age + 1];
        std::fill(row + kAges / 2, row + kAges, 0.f);
      }
    }
  }
  void halve_unit() {
    for (std::vector<float>* events : {&hits_, &evictions_}) {
      for (auto row = events->begin(); row != events->end(); row += kAges) {
        for (uint32_t age = kAges; age-- > 0;) row[age] = row[age / 2] / 2;
      }
    }
  }

  size_t bytes() const {
    return held_bytes(hits_) + held_bytes(evictions_) + held_bytes(densities_);
  }

 private:
  static constexpr float kDecay = 0.9f;

  void update_class(uint32_t first) {
    double hits = 0, events = 0, time = 0;
    for (uint32_t i = first + kAges; i-- > first;) {
      hits += hits_[i];
      events += hits_[i] + evictions_[i];
      time += events;
      densities_[i] = events > 0 ? static_cast<float>(hits / time) : 0.f;
      hits_[i] *= kDecay;
      evictions_[i] *= kDecay;
    }
  }

  std::vector<float> hits_;  // kAges a class
  std::vector<float> evictions_;
  std::vector<float> densities_;
};

}  // namespace cachegauge
