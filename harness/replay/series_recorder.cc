#include "harness/replay/series_recorder.h"

#include <algorithm>
#include <utility>

namespace cachegauge {

void SeriesRecorder::begin(int64_t start_ns, int64_t interval_ns, uint64_t place,
                           AskMemory ask_memory) {
  ask_memory_ = std::move(ask_memory);
  start_ns_ = start_ns;
  seen_ = closed_ = {};
  segments_closed_ = {};
  result_.series = Series(interval_ns);
  bucket_end_ns_ = start_ns + result_.series.end_of(0);
  result_.hit_history = HitHistory(place);
  segment_end_ = result_.hit_history.segment_end(place);
}

void SeriesRecorder::close_bucket(int64_t now_ns) {
  Series& series = result_.series;
  SeriesBucket& ended = series.at(bucket_end_ns_ - start_ns_);
  ended.counts += seen_ - closed_;
  ended.times.merge(times_.take());
  if (ask_memory_) ended.memory = {.taken = true, .bytes_used = ask_memory_()};
  closed_ = seen_;
  series.at(now_ns - start_ns_);  // may double the interval
  bucket_end_ns_ = start_ns_ + series.end_of(now_ns - start_ns_);
}

void SeriesRecorder::close_segment(uint64_t place) {
  count_segment(segment_end_ - 1);
  segment_end_ = result_.hit_history.segment_end(place);
}

void SeriesRecorder::count_segment(uint64_t place) {
  const Counters& c = result_.counters;
  const HitCounts now{.gets = c.hits + c.misses, .hits = c.hits};
  result_.hit_history.add(
      place, {.gets = now.gets - segments_closed_.gets, .hits = now.hits - segments_closed_.hits});
  segments_closed_ = now;
}

void SeriesRecorder::finish(int64_t now_ns, uint64_t place) {
  if (now_ns > bucket_end_ns_) close_bucket(now_ns);
  SeriesBucket& last = result_.series.at(now_ns - start_ns_);
  last.counts += series_counts(result_.counters) - closed_;
  last.times.merge(times_.take());
  bucket_end_ns_ = INT64_MAX;
  if (place > result_.hit_history.end()) {
    count_segment(std::min(place, segment_end_) - 1);
    result_.hit_history.finish(place);
  }
  segment_end_ = UINT64_MAX;
}

}  // namespace cachegauge
