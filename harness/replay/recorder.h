// What the clients of one thread count. Plain sums into a RunResult; nothing here allocates.
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>
#include <string_view>

#include "harness/core/run_result.h"
#include "harness/replay/key_classes.h"
#include "harness/replay/series_recorder.h"

namespace cachegauge {

class Recorder {
 public:
  Recorder() = default;
  Recorder(const Recorder&) = delete;

  // Off during preload, warm-up and clean-up: what happens there is kept apart, in outside().
  void measure(bool on) { counting_ = on ? &result.counters : &outside_; }
  bool measuring() const { return counting_ != &outside_; }
  RunResult result;
  SeriesRecorder series{result};
  // Null: figures are those of the whole alone. Else some are counted by class as well, and those
  // of the pattern by class alone.
  const KeyClasses* classes = nullptr;

  Counters& counters() { return *counting_; }
  GuardCounts& guard_counts() {
    if (!measuring()) return guard_outside_;
    if (!result.guard) result.guard.emplace();
    return *result.guard;
  }
  // Where there are classes: that of the key.
  ClassFigures& class_figures(std::string_view key) {
    if (!measuring()) return class_outside_;
    if (result.classes.empty()) result.classes = classes->figures();
    return result.classes[classes->of(key)];
  }
  PatternFigures& pattern_figures(std::string_view key) {
    if (!measuring()) return pattern_outside_;
    std::optional<PatternFigures>& figures = classes ? class_figures(key).pattern : result.pattern;
    if (!figures) figures.emplace();
    return *figures;
  }
  // Null where they are not counted.
  LayerCounts* layer_counts() {
    if (!measuring()) return nullptr;
    if (!result.layers) result.layers.emplace();
    return &*result.layers;
  }
  const Counters& outside() const { return outside_; }

  void time(Timing timing, int64_t ns, uint64_t times = 1) {
    if (measuring()) result.timing(timing).record(ns, times);
  }

  void request_started() {
    ++in_flight_;
    if (measuring()) result.concurrency_max = std::max(result.concurrency_max, in_flight_);
  }
  void request_finished() { --in_flight_; }
  // Of a request whose response time is known: its part of the mean concurrency.
  void in_flight_for(int64_t response_ns) {
    if (measuring()) result.concurrency_ns += response_ns;
  }

  // A request of an open loop is handed out, `late_ns` after its intended start at `offset_ns` from
  // the phase's beginning.
  void offered(int64_t offset_ns, int64_t late_ns) {
    if (!measuring()) return;
    LoadFigures& load = result.load;
    ++load.offered;
    load.schedule_span_ns = std::max(load.schedule_span_ns, offset_ns);
    load.sent_span_ns = std::max(load.sent_span_ns, offset_ns + late_ns);
    time(Timing::kScheduleLag, late_ns);
  }

  void client_paused(int64_t ns) {
    if (!measuring()) return;
    result.load.paused_ns += ns;
    result.load.longest_pause_ns = std::max(result.load.longest_pause_ns, ns);
  }

  // Calls that wait in line for a connection, now.
  void note_backlog(int64_t waiting) {
    if (measuring()) result.load.backlog_max = std::max(result.load.backlog_max, waiting);
  }

  // For the series. A request whose end was timed; real time, whatever drives the clients.
  void completed(int64_t now_ns, int64_t response_ns) {
    if (measuring()) series.completed(now_ns, response_ns);
  }
  // The request that is taken has this place in the workload. Returns the first place that is to be
  // told again: what happens up to there goes into the same segment.
  uint64_t at_place(uint64_t place) { return series.at_place(place); }

 private:
  Counters outside_;
  GuardCounts guard_outside_;
  PatternFigures pattern_outside_;
  ClassFigures class_outside_;
  Counters* counting_ = &outside_;
  uint64_t in_flight_ = 0;
};

// Origin calls in flight across all threads of a cell.
struct OriginGauge {
  std::atomic<uint64_t> in_flight{0};
  std::atomic<uint64_t> peak{0};

  void begin() {
    const uint64_t now = in_flight.fetch_add(1, std::memory_order_relaxed) + 1;
    uint64_t seen = peak.load(std::memory_order_relaxed);
    while (seen < now && !peak.compare_exchange_weak(seen, now, std::memory_order_relaxed)) {
    }
  }
  void end() { in_flight.fetch_sub(1, std::memory_order_relaxed); }
};

}  // namespace cachegauge
