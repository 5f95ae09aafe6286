// One pass over a trace that keeps a few numbers of each key: how often and when it was used, and
// what that says of the trace.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/huge_pages.h"
#include "harness/core/profile_report.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

class KeyUses {
 public:
  static constexpr uint64_t kWindows = 60;

  // `has_times`: windows are equal in time, and there are reuse times. Else they are equal in
  // requests.
  KeyUses(const InternedTrace& trace, bool has_times);

  // Requests of each key, by id.
  std::vector<uint32_t> requests() const;
  const std::vector<ProfileWindow>& windows() const { return windows_; }
  // Values that were set, and then overwritten or deleted before a get came.
  uint64_t unread_writes() const { return unread_writes_; }
  // From a request of a key to its next, over all requests: in requests, and in microseconds.
  const Histogram& gaps() const { return gaps_; }
  const Histogram& times_us() const { return times_us_; }

 private:
  struct Use {
    uint32_t requests : 31 = 0;  // saturates
    uint32_t unread : 1 = 0;     // it was set, and not asked for since
    uint32_t last = 0;           // position, modulo 2^32
    int64_t last_ns = 0;
  };

  void serve(const TraceChunk& chunk, uint32_t i);
  void use(uint32_t id, Op op, int64_t now_ns);
  void begin_windows(uint64_t at);

  const InternedTrace& trace_;
  const bool has_times_;
  uint64_t position_ = 0;
  uint64_t next_window_ = 0;    // where it begins: nanoseconds or requests
  uint64_t window_length_ = 1;  // likewise
  uint64_t window_first_ = 0;   // position of the first request of the window under way
  std::vector<Use, HugePageAllocator<Use>> uses_;
  std::vector<ProfileWindow> windows_;
  uint64_t unread_writes_ = 0;
  Histogram gaps_, times_us_;
};

}  // namespace cachegauge
