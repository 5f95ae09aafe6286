// A workload of some of the keys of a trace, each by the number that it has there. Order, times,
// sizes and TTLs of their requests are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "harness/core/workload.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

class ChosenKeys final : public Workload {
 public:
  // The keys for which is_chosen(id). The trace must outlive it.
  template <class IsChosen>
  ChosenKeys(const InternedTrace& trace, const IsChosen& is_chosen)
      : trace_(trace), chosen_(trace.unique_keys() / 64 + 1) {
    for (uint32_t id = 0; id < trace.unique_keys(); ++id) {
      chosen_[id / 64] |= uint64_t{is_chosen(id)} << id % 64;
    }
  }

  const Spec& spec() const override { return spec_; }
  const WorkloadTraits& traits() const override { return traits_; }
  std::unique_ptr<RequestSource> open() const override;

  // Of the first so many requests of the trace, those of the chosen keys.
  uint64_t requests_among(uint64_t first) const;

 private:
  class Source;

  bool holds(uint32_t id) const { return (chosen_[id / 64] >> id % 64 & 1) != 0; }

  const InternedTrace& trace_;
  std::vector<uint64_t> chosen_;  // a bit an id
  Spec spec_{"chosen"};
  WorkloadTraits traits_;
};

}  // namespace cachegauge
