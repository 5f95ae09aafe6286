// What a fault did to the application: counts of the requests that began before it, while it
// lasted and after it, and how long the cache took to be as it was.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/fault.h"
#include "harness/core/line_reader.h"
#include "harness/core/series.h"

namespace cachegauge {

// Of the requests whose intended start lies in one stretch of time. Plain sums.
struct FaultWindow {
  uint64_t requests = 0;
  uint64_t gets = 0, hits = 0;
  uint64_t failed_requests = 0;  // of the application
  uint64_t errors = 0;           // failed commands to the cache, timeouts included
  uint64_t timeouts = 0;
  uint64_t fallbacks = 0;  // gets that the origin answered because the cache had failed
  uint64_t stale_served = 0;
  uint64_t origin_calls = 0;
  uint64_t origin_errors = 0;
  int64_t duration_ns = 0;  // of the stretch; merges by maximum
  CoarseTimes times;        // response times, whatever became of the request

  void merge(const FaultWindow& other);
  bool operator==(const FaultWindow&) const = default;
};

struct FaultWindowField {
  std::string_view name;
  uint64_t FaultWindow::*field;
};
std::span<const FaultWindowField> fault_window_fields();

enum class FaultStretch : uint8_t { kBefore, kDuring, kAfter };
inline constexpr size_t kFaultStretches = 3;
inline constexpr std::array<std::string_view, kFaultStretches> kFaultStretchNames = {
    "before", "during", "after"};

// Before: since the fault before it ended, if there is one. After: until the next begins. A request
// that begins while another fault is under way is in neither.
struct FaultResult {
  std::string spec;
  std::string name;
  bool on_origin = false;
  FaultMeans means = FaultMeans::kSession;
  int64_t at_ns = 0;
  // When it really came and went, from the start of the measured interval; null: it did not.
  std::optional<int64_t> began_ns, ended_ns;
  std::array<FaultWindow, kFaultStretches> windows;

  const FaultWindow& window(FaultStretch stretch) const {
    return windows[static_cast<size_t>(stretch)];
  }
  void merge(const FaultResult& other);  // of the same fault
  bool operator==(const FaultResult&) const = default;
};

struct FaultWindowMetrics {
  double duration_s = 0;
  std::optional<double> hit_ratio;  // of all gets: one that failed is no hit
  std::optional<int64_t> p50_ns, p99_ns, max_ns;
  std::optional<double> throughput_rps, origin_calls_per_s;
};
FaultWindowMetrics derive_fault_window(const FaultWindow& window);

// From the end of the fault until the series is as it was before the fault (recovery.h); 0: at
// once. Intervals in which nothing was asked say nothing.
struct FaultRecovery {
  std::optional<int64_t> hit_ratio_ns, p99_ns;
};
FaultRecovery fault_recovery(const FaultResult& fault, const Series& series);

// What `--on-cache-error` came to over the measured interval.
struct CacheErrorCounts {
  uint64_t fallbacks = 0;
  uint64_t stale_served = 0;     // values seen last, served because the cache had failed
  uint64_t outdated_served = 0;  // of those: older than the last write that was acknowledged
  uint64_t failed_requests = 0;  // of the application

  void merge(const CacheErrorCounts& other);
  bool operator==(const CacheErrorCounts&) const = default;
};

// Lines of a RunResult's text (docs/run_result.md). The readers are called after a line's first
// word, and throw Error::failed.
void append_fault(std::string& out, const FaultResult& fault);
FaultResult read_fault_line(LineReader& line);
void read_fault_window(LineReader& line, FaultResult& fault);
void append_cache_errors(std::string& out, const CacheErrorCounts& counts);
CacheErrorCounts read_cache_errors(LineReader& line);

}  // namespace cachegauge
