#include "harness/simulate/course.h"

#include <algorithm>
#include <utility>

namespace cachegauge {

SeriesWindow SeriesWindow::fit_to(const InternedTrace& trace, uint64_t warmup_requests) const {
  SeriesWindow fitting = *this;
  const uint64_t counted = trace.summary().requests - warmup_requests;
  if (requests > 0) {
    while ((counted + fitting.requests - 1) / fitting.requests > kMost) fitting.requests *= 2;
  }
  if (ns > 0 && !trace.chunks().empty()) {
    const TraceChunk& last = trace.chunks().back();
    const int64_t end_ns = last.now_ns[last.count - 1];
    while (end_ns / fitting.ns >= static_cast<int64_t>(kMost)) fitting.ns *= 2;
  }
  return fitting;
}

uint32_t Course::cut(const TraceChunk& chunk, uint32_t begin, uint32_t end, uint64_t place,
                     const SimulationCounts& counts) {
  if (window_.requests > 0) {
    if (counts.requests == end_request_) {
      if (counts.requests > 0) close(counts, place);
      end_request_ += window_.requests;
    }
    return static_cast<uint32_t>(std::min<uint64_t>(end, begin + (end_request_ - counts.requests)));
  }
  const int64_t now_ns = chunk.now_ns[begin];
  if (end_ns_ < 0) end_ns_ = (now_ns / window_.ns + 1) * window_.ns;
  for (; now_ns >= end_ns_; end_ns_ += window_.ns) close(counts, place);
  return chunk.first_at(begin, end, end_ns_);
}

std::vector<SimulationWindow> Course::finish(const SimulationCounts& counts, uint64_t place) {
  if (window_.is_set() && counts.requests > before_.requests) close(counts, place);
  return std::move(windows_);
}

void Course::close(const SimulationCounts& counts, uint64_t place) {
  SimulationWindow window = {.end_request = place,
                             .gets = counts.gets - before_.gets,
                             .hits = counts.hits - before_.hits,
                             .evictions = counts.evictions - before_.evictions};
  if (window_.ns > 0) window.end_ns = end_ns_;
  windows_.push_back(window);
  before_ = counts;
}

}  // namespace cachegauge
