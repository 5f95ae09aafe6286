// The course of a simulation: its counts in windows of so many requests, or of so much trace time.
//
// It cuts the requests of a chunk at the ends of windows, so that nothing is asked for a request.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/simulation_report.h"
#include "harness/simulate/interned_trace.h"

namespace cachegauge {

// One of them is given, or none.
struct SeriesWindow {
  static constexpr uint64_t kMost = 512;  // windows of a series

  uint64_t requests = 0;
  int64_t ns = 0;  // of trace time

  bool is_set() const { return requests > 0 || ns > 0; }
  // Doubled until the requests of a trace after its warm-up make no more than kMost of them.
  SeriesWindow fit_to(const InternedTrace& trace, uint64_t warmup_requests) const;
};

class Course {
 public:
  explicit Course(const SeriesWindow& window) : window_(window) {}

  // Where in [begin, end) of the chunk the window ends that request `begin` is in. Closes those
  // that ended before it, with what the counts have grown by. `place` of `begin` is in the trace.
  uint32_t cut(const TraceChunk& chunk, uint32_t begin, uint32_t end, uint64_t place,
               const SimulationCounts& counts);
  // The windows, the last one cut short where the trace ends; none if they have no length. Once.
  std::vector<SimulationWindow> finish(const SimulationCounts& counts, uint64_t place);

 private:
  void close(const SimulationCounts& counts, uint64_t place);

  SeriesWindow window_;
  uint64_t end_request_ = 0;  // of the window under way, counted after the warm-up
  int64_t end_ns_ = -1;
  SimulationCounts before_;  // when it began
  std::vector<SimulationWindow> windows_;
};

}  // namespace cachegauge
