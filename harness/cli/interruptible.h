// A workload that Ctrl-C stops being read (interrupts.h).
#pragma once

#include <memory>

#include "harness/core/workload.h"

namespace cachegauge {

// The same requests. After the first Ctrl-C read() throws Error with kInterrupted: a trace of which
// a part was read would be another trace.
class Interruptible final : public Workload {
 public:
  // `workload` must outlive it.
  explicit Interruptible(const Workload& workload) : workload_(workload) {}

  const Spec& spec() const override { return workload_.spec(); }
  const WorkloadTraits& traits() const override { return workload_.traits(); }
  std::unique_ptr<RequestSource> open() const override;

 private:
  const Workload& workload_;
};

}  // namespace cachegauge
