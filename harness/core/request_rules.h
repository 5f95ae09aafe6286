// How the rows of a workload are read as requests: what `--all-as-get`, `--ignore-size`,
// `--ignore-ttl` and `--limit` mean, to a replay and to a simulation alike.
#pragma once

#include <cstdint>
#include <string>

#include "harness/core/request.h"

namespace cachegauge {

struct RequestRules {
  bool all_as_get = false;
  bool ignore_size = false;  // every value has kIgnoredSizeBytes
  bool ignore_ttl = false;
  uint64_t limit = UINT64_MAX;  // requests of the whole workload

  static constexpr uint64_t kIgnoredSizeBytes = 100;
  bool changes_rows() const { return all_as_get || ignore_size || ignore_ttl; }
  void apply(Request& request) const {
    if (all_as_get) request.op = Op::kGet;
    if (ignore_size) request.value_size_bytes = kIgnoredSizeBytes;
    if (ignore_ttl) request.ttl_ns = 0;
  }
};

// What a key takes, as the trace states it, or else the key's own length (of an integer its decimal
// digits).
uint64_t key_bytes(const Request& request);

// Tells sequences of requests apart: over every row, rules applied.
class Fingerprint {
 public:
  void add(const Request& row, uint64_t key_hash) {
    state_ = fold_multiply(state_ ^ key_hash, 0x9e3779b97f4a7c15ULL) ^
             fold_multiply(row.value_size_bytes ^ (uint64_t(row.op) << 56) ^ state_,
                           0xd6d018f5c7a3e1b9ULL ^ static_cast<uint64_t>(row.ttl_ns)) ^
             static_cast<uint64_t>(row.time_ns);
  }
  std::string text() const;  // 16 hex digits

 private:
  uint64_t state_ = 0;
};

}  // namespace cachegauge
