// A sample of a workload's keys, taken while it is decoded.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "harness/core/request_rules.h"
#include "harness/core/workload.h"
#include "harness/simulate/key_sample.h"

namespace cachegauge {

// What went by while a sample was taken.
struct RequestCounts {
  uint64_t requests = 0;
  uint64_t sampled = 0;                           // of them
  std::array<uint64_t, kOpCount> ops{};           // by Op
  uint64_t get_bytes = 0, sampled_get_bytes = 0;  // values that gets ask for

  RequestCounts operator-(const RequestCounts& other) const;
};

// The whole of a workload of which a sample was taken.
struct WholeCounts {
  RequestCounts all;
  std::vector<RequestCounts> marks;  // the counts every 1024 requests or so
  std::string fingerprint;

  // Of the first `requests`, or some fewer: up to the last mark.
  RequestCounts up_to(uint64_t requests) const;
};

// The requests of a workload whose keys a sample holds, rules applied. Reading it to the end counts
// the whole into `counts`, which must outlive it; it is to be read once.
class SampledWorkload final : public Workload {
 public:
  SampledWorkload(const Workload& whole, const RequestRules& rules, const KeySample& keys,
                  WholeCounts& counts)
      : whole_(whole), rules_(rules), keys_(keys), counts_(counts) {}

  const Spec& spec() const override { return whole_.spec(); }
  const WorkloadTraits& traits() const override { return whole_.traits(); }
  std::unique_ptr<RequestSource> open() const override;

 private:
  const Workload& whole_;
  RequestRules rules_;
  KeySample keys_;
  WholeCounts& counts_;
};

}  // namespace cachegauge
