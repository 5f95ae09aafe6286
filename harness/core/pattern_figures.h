// What a pattern whose writes go to the origin did with it (harness/replay/patterns/), within the
// measured interval; and what was found once it was over.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "harness/core/histogram.h"
#include "harness/core/line_reader.h"

namespace cachegauge {

struct PatternFigures {
  uint64_t acknowledged_writes =
      0;                            // sets, adds and deletes that the application was told are done
  uint64_t failed_writes = 0;       // those that it was told are not
  uint64_t origin_writes = 0;       // rows that the origin has stored
  uint64_t origin_write_calls = 0;  // with how many calls; a batch at a simulated origin is one
  uint64_t origin_write_errors = 0;  // rows that it did not store; they may be tried again
  uint64_t shared_loads = 0;         // misses answered by a load that another had begun
  uint64_t queue_reads = 0;          // misses answered from the queue of writes
  uint64_t stale_loads = 0;       // misses answered with less than was acknowledged when they began
  uint64_t cache_writes = 0;      // values put into the cache, fills included
  uint64_t unread_writes = 0;     // those that were gone or replaced before a get found them
  uint64_t coalesced_writes = 0;  // joined a queued write of the same key
  uint64_t blocked_writes = 0;    // waited for room in the queue
  uint64_t dropped_writes = 0;    // acknowledged, and not queued for want of room
  uint64_t queued_at_end = 0;     // rows in the queue when the measured interval ended

  Histogram batch_rows;        // of the queue's calls
  Histogram queue_depth;       // rows, after each write that was queued
  Histogram blocked_ns;        // how long writes waited for room
  Histogram origin_write_ns;   // service time of a call that writes
  Histogram inconsistency_ns;  // how long the cache held another version than the origin
  Histogram stale_age_ns;      // of a stale hit: how long ago a newer version was acknowledged
  Histogram stale_versions;    // and how many versions it was behind

  // Found after the interval, once the queue was written out: null if it could not be found out.
  std::optional<uint64_t> lost_writes;   // acknowledged, and the origin has an older version
  std::optional<uint64_t> checked_keys;  // keys that were written
  std::optional<uint64_t> drifted_keys;  // those of which the cache holds another version than the
                                         // origin
  // The application's process was killed so long after the interval began; then lost_writes is of
  // what it had acknowledged by then, and what it had counted went with it.
  std::optional<int64_t> killed_at_ns;

  void merge(const PatternFigures& other);
};

// The parts of PatternFigures, for merging, the serialisation and reports.
struct PatternCountField {
  std::string_view name;
  uint64_t PatternFigures::*field;
};
struct PatternHistogramField {
  std::string_view name;
  Histogram PatternFigures::*field;
};
struct PatternFindingField {
  std::string_view name;
  std::optional<uint64_t> PatternFigures::*field;
};
std::span<const PatternCountField> pattern_count_fields();
std::span<const PatternHistogramField> pattern_histogram_fields();
std::span<const PatternFindingField> pattern_finding_fields();

// As lines of a RunResult's text: "pattern NAME …", behind `prefix`.
void append_pattern(std::string& out, const PatternFigures& figures, std::string_view prefix = {});
// What follows "pattern" on one of them. Throws Error::failed.
void read_pattern(PatternFigures& figures, LineReader& line);

}  // namespace cachegauge
