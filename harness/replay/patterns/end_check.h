// What cache and origin hold once the requests are over: read key by key, beside all accounts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "harness/core/coroutine.h"
#include "harness/replay/key_interner.h"
#include "harness/replay/session_pool.h"
#include "harness/replay/value.h"

namespace cachegauge {

struct HeldVersions {
  const KeyRecord* key = nullptr;
  std::optional<uint32_t> at_origin;  // none: it could not be read
  std::optional<uint32_t> in_cache;   // none: it could not be read, or told; 0: there is no copy
};

// Starts lanes that ask for `at_origin` of each key; the caller runs the scheduler, and keeps
// `held` until then. `prefix_bytes` of a key are not the origin's. The pool has no limit of depth.
class OriginReading {
 public:
  OriginReading(Scheduler& scheduler, SessionPool& origin, std::span<HeldVersions> held,
                size_t prefix_bytes);

 private:
  static ClientTask read(Scheduler& scheduler, OriginReading& reading);

  SessionPool& origin_;
  const std::span<HeldVersions> held_;
  const size_t prefix_bytes_;
  size_t next_ = 0;
};

// The same of `in_cache`.
class CacheReading {
 public:
  CacheReading(Scheduler& scheduler, SessionPool& cache, const ValueMaker& values,
               std::span<HeldVersions> held);

 private:
  static ClientTask read(Scheduler& scheduler, CacheReading& reading);

  SessionPool& cache_;
  const ValueMaker& values_;
  const std::span<HeldVersions> held_;
  size_t next_ = 0;
};

// Keys of which the cache has a copy whose version is not the origin's. None if that is not known
// of one of them.
std::optional<uint64_t> count_drifted(std::span<const HeldVersions> held);

}  // namespace cachegauge
