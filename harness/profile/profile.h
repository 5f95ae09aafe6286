// What the traffic of a trace is like.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <vector>

#include "harness/core/profile_report.h"
#include "harness/profile/lru_sizes.h"
#include "harness/simulate/sampled_trace.h"

namespace cachegauge {

struct ProfiledTrace {
  Traffic traffic;                // the texts of the hottest keys are left empty
  std::vector<uint32_t> hottest;  // ids, in the order of traffic.popularity.hottest
  // What sizes and policies are judged by: the trace itself, or a sample of it.
  std::unique_ptr<SampledTrace> sample;  // null: the trace itself
  std::unique_ptr<LruSizes> sizes;

  const InternedTrace& judged_by(const InternedTrace& trace) const {
    return sample ? sample->trace() : trace;
  }
};

// `has_times`: arrival times are the trace's own. Ends early, with less, when `stop` becomes true.
// `meanwhile` is called once, when sample, sizes, rate and reuse distances are known, while the
// rest is still being found on another thread.
ProfiledTrace profile_trace(const InternedTrace& trace, bool has_times,
                            const std::atomic<bool>& stop,
                            const std::function<void(const ProfiledTrace&)>& meanwhile = {});

}  // namespace cachegauge
