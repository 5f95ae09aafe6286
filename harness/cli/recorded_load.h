// The load of a stampede out of a recorded trace: when it asks for its hottest keys.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "harness/core/workload.h"
#include "harness/stampede/load.h"

namespace cachegauge {

struct RecordedLoad {
  std::shared_ptr<const std::vector<HotKeyArrival>> arrivals;  // null: none was asked for
  uint32_t keys = 0;
  double length_ns = 0;  // from the trace's first request to the last of these
};

// The gets of the `hottest` keys that are asked for most, or of all if there are fewer, among the
// first `limit` requests. A key is found for certain if one get in 65,536 is for it (Misra, Gries,
// "Finding repeated elements", 1982), and with 65,536 keys or fewer each is. Reads the workload
// three times; memory is bounded by the requests that are kept. Throws Error::failed for a workload
// without times or gets, and for one with more requests than can be kept.
RecordedLoad record_load(const Workload& workload, uint32_t hottest, std::optional<uint64_t> limit);

}  // namespace cachegauge
