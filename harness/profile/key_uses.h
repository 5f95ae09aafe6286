// One pass over a trace that keeps a few numbers of each key: how often and when it was used, and
// what that says of the trace.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "harness/core/huge_pages.h"
#include "harness/core/profile_report.h"
#include "harness/profile/tally.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

class KeyUses {
 public:
  static constexpr uint64_t kWindows = 60;

  // `has_times`: windows are equal in time, and there are reuse times. Else they are equal in
  // requests.
  KeyUses(const InternedTrace& trace, bool has_times);

  // Requests of each key, by id.
  const std::vector<uint32_t>& requests() const { return requests_; }
  const std::vector<ProfileWindow>& windows() const { return windows_; }
  // Values that were set, and then overwritten or deleted before a get came.
  uint64_t unread_writes() const { return unread_writes_; }
  // From a request of a key to its next, over all requests: in requests, and in microseconds.
  Histogram gaps() const { return gaps_.histogram(); }
  Histogram times_us() const { return times_us_.histogram(); }

 private:
  // One word of each: a processor waits where it reads more than it wrote just before, as it does
  // with bit fields.
  struct Use {
    static constexpr uint32_t kUnread = uint32_t{1} << 31;  // it was set, and not asked for since

    uint32_t state = 0;  // requests, which saturate, and kUnread
    uint32_t last = 0;   // position, modulo 2^32
    uint32_t requests() const { return state & ~kUnread; }
  };
  // All that is known of a key lies in one line of the processor's cache.
  struct TimedUse : Use {
    int64_t last_ns = 0;
  };
  template <class Known>
  using Uses = std::vector<Known, HugePageAllocator<Known>>;  // by id

  template <class Known>
  void follow(Uses<Known> uses);
  template <class Known, bool kOnlyGets>
  void follow_windows(Uses<Known>& uses);
  void begin_windows(uint64_t at);
  uint32_t window_end(const TraceChunk& chunk, uint32_t begin) const;
  template <class Known, bool kOnlyGets>
  void serve(Uses<Known>& uses, const TraceChunk& chunk, uint32_t begin, uint32_t end);

  void count_gaps(std::span<const uint32_t> gaps);
  void count_times(std::span<const int64_t> gaps_ns);
  void add_firsts(const TraceChunk& chunk, std::span<const uint16_t> places);

  const InternedTrace& trace_;
  const bool has_times_;
  uint64_t position_ = 0;
  uint64_t next_window_ = 0;    // where it begins: nanoseconds or requests
  uint64_t window_length_ = 1;  // likewise
  uint64_t window_first_ = 0;   // position of the first request of the window under way
  std::vector<uint32_t> requests_;
  std::vector<ProfileWindow> windows_;
  uint64_t unread_writes_ = 0;
  Tally gaps_, times_us_;
};

}  // namespace cachegauge
