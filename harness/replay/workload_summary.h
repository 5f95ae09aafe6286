// One pass over a workload before it is run: is it whole, how long is it, and what does it need of
// a cache.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "harness/core/request_rules.h"
#include "harness/core/workload.h"

namespace cachegauge {

struct WorkloadSummary {
  uint64_t requests = 0;  // after --limit
  uint64_t unique_keys = 0;
  std::array<uint64_t, kOpCount> ops{};  // by Op
  uint64_t with_ttl = 0;
  int64_t ttl_divisor_ns = 0;    // the greatest time that divides every TTL; 0 without TTLs
  int64_t shortest_ttl_ns = 0;   // 0 without TTLs
  uint64_t footprint_bytes = 0;  // key + value bytes of the unique keys, sizes as first seen
  uint64_t largest_value_bytes = 0;
  int64_t span_ns = 0;  // from the first arrival to the last; 0 if times are not carried
  uint64_t skipped_rows = 0;
  uint64_t backward_times = 0;  // RequestSource::backward_times()
  std::string fingerprint;      // 16 hex digits over the sequence, rules applied

  uint64_t op_count(Op op) const { return ops[static_cast<int>(op)]; }
  uint64_t writes() const { return requests - op_count(Op::kGet); }
};

// Memory: 8 to 16 bytes a unique key. Throws Error::failed as RequestSource::read() does.
WorkloadSummary summarize_workload(const Workload& workload, const RequestRules& rules);

}  // namespace cachegauge
