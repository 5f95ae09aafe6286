// Lets in what is no larger than a threshold. Abrams, Standridge, Abdulla, Williams, Fox, "Caching
// proxies: limitations and potentials", World Wide Web Conference 1995, as LRU-THOLD. The size is
// that of key and value.
#pragma once

#include "adapters/local/policies/admission/filter.h"
#include "harness/core/error.h"

namespace cachegauge {

class SizeFilter final : public AdmissionFilter {
 public:
  static constexpr ParamInfo kParams[] = {
      {"max", "size", "of key and value, of the largest let in"}};
  static constexpr AdmissionInfo kInfo = {
      .name = "size",
      .summary = "lets in what is no larger than a threshold",
      .paper = "Abrams et al., Caching proxies: limitations and potentials, 1995",
      .params = kParams};

  explicit SizeFilter(const AdmissionSettings& settings)
      : max_(settings.spec.size_bytes("max", 0)) {
    if (max_ > 0) return;
    throw Error::usage(
        "admission=size needs the size of the largest object to let in: say admission.max=64KiB");
  }

  bool admits(const Sighting& candidate, uint32_t) override { return candidate.size_bytes <= max_; }

 private:
  uint64_t max_;
};

}  // namespace cachegauge
