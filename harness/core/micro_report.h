// What a JSON of `micro` says, for the reporters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/statistics.h"

namespace cachegauge {

// One benchmark over its repetitions: an operation on a cache, or by a codec on a document.
struct MicroFigure {
  std::string operation;    // "get-hit", "encode"
  std::string subject;      // the adapter's label, or the codec's name
  std::string value;        // size in bytes, or the name of a distribution
  uint64_t full_items = 0;  // how many a full cache was to hold; 0: not said
  uint64_t threads = 1;
  std::optional<Summary> time_ns;  // of one operation; null: every repetition failed
  // Medians; null where the benchmark does not say.
  std::optional<double> bytes_per_item, payload_per_item, items, hit_ratio, evictions_per_set,
      encoded_bytes;
  std::string failure;  // of the first repetition that failed

  bool is_codec() const { return operation == "encode" || operation == "decode"; }
  // Beside key and value.
  std::optional<double> overhead_per_item() const {
    if (!bytes_per_item || !payload_per_item) return std::nullopt;
    return *bytes_per_item - *payload_per_item;
  }
};

// A counter, under its name in the JSON.
struct MicroCounter {
  std::string_view name;
  std::optional<double> MicroFigure::*median;
};
std::span<const MicroCounter> micro_counters();

struct MicroReport {
  std::string workload;              // the spec that drew the keys
  std::vector<MicroFigure> figures;  // in the order in which they were measured
};

// From fewer of them nothing can be concluded: times vary.
inline constexpr uint64_t kEnoughMicroRepetitions = 3;

// The one of them that is fastest beyond doubt: enough repetitions of each, and its range below
// that of all others. Null if there is none, or nothing to compare it with.
const MicroFigure* clearly_fastest(const std::vector<const MicroFigure*>& figures);

// How many times as long as the other one it takes, by the medians of both, which are known.
double times_as_long(const MicroFigure& figure, const MicroFigure& other);

}  // namespace cachegauge
