#include "adapters/local/policies/admission/adaptsize_filter.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "adapters/local/policies/admission/adaptsize_model.h"
#include "adapters/local/policies/admission/probability_filter.h"
#include "adapters/local/policies/parameters.h"

namespace cachegauge {
namespace {

constexpr double kKept = 0.3;  // of the weight of earlier windows
constexpr double kForgotten = 0.1;
constexpr double kClassesPerOctave = 4;

int class_of(double value) {
  return static_cast<int>(std::floor(std::log2(value) * kClassesPerOctave));
}

// The objects by size and rate, a quarter of an octave a class.
template <class Use>
std::vector<ObjectClass> classes_of(const std::vector<Use>& objects) {
  std::map<std::pair<int, int>, ObjectClass> sums;
  for (const Use& object : objects) {
    const auto size = static_cast<double>(std::max<uint64_t>(1, object.size_bytes));
    ObjectClass& sum = sums[{class_of(size), class_of(object.requests)}];
    ++sum.objects;
    sum.rate += object.requests;
    sum.size_bytes += size;
    sum.charge += static_cast<double>(object.charge);
  }
  std::vector<ObjectClass> classes;
  for (const auto& [place, sum] : sums) {
    classes.push_back({sum.objects, sum.rate / sum.objects, sum.size_bytes / sum.objects,
                       sum.charge / sum.objects});
  }
  return classes;
}

}  // namespace

AdaptSizeFilter::AdaptSizeFilter(const AdmissionSettings& settings)
    : capacity_(static_cast<double>(settings.capacity.limit)),
      window_(count_between(settings.spec, "window", 250'000, 100, 100'000'000)),
      draws_(admission_draws(settings.seed)) {
  if (settings.capacity.limit == PolicyCapacity{}.limit) {
    throw Error::usage("admission=adaptsize is tuned to a capacity, and this cache has no limit");
  }
}

bool AdaptSizeFilter::admits(const Sighting& candidate, uint32_t) {
  hit(candidate);
  return !c_ || draws_.uniform() < size_probability(candidate.size_bytes, *c_);
}

void AdaptSizeFilter::hit(const Sighting& used) {
  uses_.push_back({used.key_hash, used.size_bytes, used.charge, 1 - kKept});
  if (uses_.size() - known_ < window_) return;
  learn();
  c_ = best_size_scale(classes_of(uses_), capacity_);
}

void AdaptSizeFilter::learn() {
  for (size_t i = 0; i < known_; ++i) uses_[i].requests *= kKept;
  std::stable_sort(uses_.begin(), uses_.end(),
                   [](const Use& a, const Use& b) { return a.key_hash < b.key_hash; });
  auto end = uses_.begin();
  for (auto use = uses_.begin(); use != uses_.end();) {
    Use sum = *use;
    while (++use != uses_.end() && use->key_hash == sum.key_hash) {
      const double requests = sum.requests + use->requests;
      sum = *use;  // the latest size
      sum.requests = requests;
    }
    if (sum.requests >= kForgotten) *end++ = sum;
  }
  uses_.erase(end, uses_.end());
  known_ = uses_.size();
}

}  // namespace cachegauge
