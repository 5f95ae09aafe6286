// Lets objects in by chance, so that what is asked for often is let in sooner or later and most of
// what is not never is. With the same probability for all it makes LRU what is known as q-LRU:
// Garetto, Leonardi, Martina, "A unified approach to the performance analysis of caching systems",
// ACM TOMPECS 2016. With exp(-size / c) the large are let in seldom: Berger, Sitaraman,
// Harchol-Balter, "AdaptSize: orchestrating the hot object memory cache in a content delivery
// network", NSDI 2017, which also tunes c (adaptsize_filter.h). The size is that of key and value.
#pragma once

#include <cmath>

#include "adapters/local/policies/admission/filter.h"
#include "adapters/local/policies/parameters.h"
#include "harness/core/random.h"

namespace cachegauge {

// Of the draws of a filter, apart from those of a policy under the same seed.
inline SplitMix64 admission_draws(uint64_t seed) { return random_stream(seed, 0xad); }

// exp(-size / c).
inline double size_probability(uint64_t size_bytes, double c) {
  return std::exp(-static_cast<double>(size_bytes) / c);
}

class ProbabilityFilter final : public AdmissionFilter {
 public:
  static constexpr ParamInfo kParams[] = {
      {"p", "number = 0.5", "the probability, 0 to 1"},
      {"c", "size", "instead: exp(-size / c), so that 37% of what is of this size are let in"}};
  static constexpr AdmissionInfo kInfo = {
      .name = "probability",
      .summary = "lets in by chance, all alike or the small rather than the large",
      .paper =
          "Garetto, Leonardi, Martina, A unified approach to the performance analysis of caching "
          "systems, 2016",
      .params = kParams};

  explicit ProbabilityFilter(const AdmissionSettings& settings)
      : p_(number_between(settings.spec, "p", 0.5, 0, 1)),
        c_(static_cast<double>(settings.spec.size_bytes("c", 0))),
        draws_(admission_draws(settings.seed)) {
    if (!settings.spec.has("c")) return;
    if (settings.spec.has("p")) {
      throw Error::usage(
          "admission=probability takes admission.p=, the same for all, or admission.c=, by size; "
          "both are given");
    }
    if (c_ == 0) throw Error::usage("probability:c: expected a size above 0, such as 64KiB");
  }

  bool admits(const Sighting& candidate, uint32_t) override {
    return draws_.uniform() < (c_ > 0 ? size_probability(candidate.size_bytes, c_) : p_);
  }

 private:
  double p_;
  double c_;  // 0: by p_
  SplitMix64 draws_;
};

}  // namespace cachegauge
