// Cuts what one thread counts into the buckets of its RunResult's series and the segments of its
// hit history. It reads the counters that the thread keeps anyway, at the moments the loop hands
// over; buckets and segments are differences, so their sums are the counters' own.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "harness/core/run_result.h"

namespace cachegauge {

class SeriesRecorder {
 public:
  // Asked on this thread each time a bucket ends; may be empty.
  using AskMemory = std::function<std::optional<uint64_t>()>;

  explicit SeriesRecorder(RunResult& result) : result_(result) {}
  SeriesRecorder(const SeriesRecorder&) = delete;

  // The measured interval begins: at `start_ns` (real time), with the request of this place in the
  // workload. The counters must be 0.
  void begin(int64_t start_ns, int64_t interval_ns, uint64_t place, AskMemory ask_memory);
  // It ended, with the requests below `place` seen. To be called once the counters have their last.
  void finish(int64_t now_ns, uint64_t place);

  // A request that is counted has completed, at a time that was read anyway. Not every request need
  // be told: those in between go to the bucket of the next that is, or of the one before.
  void completed(int64_t now_ns, int64_t response_ns) {
    if (now_ns > bucket_end_ns_) close_bucket(now_ns);
    times_.record(response_ns);
    seen_ = series_counts(result_.counters);
  }

  // The next request has this place in the workload. Returns where its segment ends; outside
  // begin() … finish() there are none.
  uint64_t at_place(uint64_t place) {
    if (place >= segment_end_) close_segment(place);
    return segment_end_;
  }

 private:
  void close_bucket(int64_t now_ns);
  void close_segment(uint64_t place);
  // What was counted since the last goes to the segment of `place`.
  void count_segment(uint64_t place);

  RunResult& result_;
  AskMemory ask_memory_;
  OpenTimes times_;
  int64_t start_ns_ = 0;
  int64_t bucket_end_ns_ = INT64_MAX;
  SeriesCounts seen_;    // at the latest completion that was told
  SeriesCounts closed_;  // in the buckets closed so far
  uint64_t segment_end_ = UINT64_MAX;
  HitCounts segments_closed_;
};

}  // namespace cachegauge
