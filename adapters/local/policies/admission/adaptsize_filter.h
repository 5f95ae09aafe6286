// Lets objects in with probability exp(-size / c), and chooses c anew after each window of
// requests. Berger, Sitaraman, Harchol-Balter, "AdaptSize: orchestrating the hot object memory
// cache in a content delivery network", NSDI 2017.
//
// After each window the requests of each object in it are averaged with those of the windows
// before, which keep 0.3 of their weight, and c is what makes the model's hit ratio the highest
// (adaptsize_model.h). An object whose average falls below a tenth of a request is forgotten.
// Choices of our own: everything is let in until the first window is over, since nothing is known
// by then; the model sees objects by classes of like size and rate; what an object takes of the
// capacity is what the cache charges it, while its probability goes by the size of key and value.
// The model is that of LRU; before other policies c is as good as that is like them.
//
// A window's end takes some tens of milliseconds, once for 250,000 requests. 32 bytes for each
// request of a window and for each object that is known.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "adapters/local/policies/admission/filter.h"
#include "adapters/local/policies/flat_array.h"
#include "harness/core/random.h"

namespace cachegauge {

class AdaptSizeFilter final : public AdmissionFilter {
 public:
  static constexpr ParamInfo kParams[] = {
      {"window", "count = 250k", "requests after which it is tuned again"}};
  static constexpr AdmissionInfo kInfo = {
      .name = "adaptsize",
      .summary = "lets in by chance, the small rather than the large, as a model of LRU advises",
      .paper = "Berger, Sitaraman, Harchol-Balter, AdaptSize, 2017",
      .params = kParams};

  explicit AdaptSizeFilter(const AdmissionSettings& settings);

  bool admits(const Sighting& candidate, uint32_t victim) override;
  void hit(const Sighting& used) override;
  size_t bytes() const override { return held_bytes(uses_); }

  // Null until the first window is over.
  std::optional<double> c() const { return c_; }

 private:
  struct Use {
    uint64_t key_hash;
    uint64_t size_bytes;
    uint64_t charge;
    double requests;  // in a window; of a known object the average
  };

  // Makes one use of all those of an object.
  void learn();

  double capacity_;
  uint64_t window_;
  std::vector<Use> uses_;  // of known objects, one each, and then of the requests of this window
  size_t known_ = 0;
  std::optional<double> c_;
  SplitMix64 draws_;
};

}  // namespace cachegauge
