// A workload that is read on a thread of its own, some thousands of requests ahead of who asks for
// them: one processor decodes a trace while another numbers its keys.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "harness/core/workload.h"

namespace cachegauge {

class ReadAhead final : public Workload {
 public:
  // Not more than `most_requests` are read of `workload`, which must outlive it, as it must what it
  // opened.
  ReadAhead(const Workload& workload, uint64_t most_requests)
      : workload_(workload), most_requests_(most_requests) {}

  const Spec& spec() const override { return workload_.spec(); }
  const WorkloadTraits& traits() const override { return workload_.traits(); }
  // Counts of rows that were passed over are those of all that was read, at the end alone.
  std::unique_ptr<RequestSource> open() const override;

  // What reading took so far, on its thread.
  int64_t decode_ns() const { return decode_ns_; }

 private:
  class Source;

  const Workload& workload_;
  const uint64_t most_requests_;
  mutable std::atomic<int64_t> decode_ns_ = 0;
};

}  // namespace cachegauge
