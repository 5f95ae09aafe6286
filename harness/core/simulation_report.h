// What a finished (or interrupted) `simulate` hands to the reporters.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/report.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Of one policy at one size, after the warm-up. hits + misses = gets; a delayed hit is a miss that
// waited for the fill of an earlier one, so that the origin was called misses - delayed_hits times.
struct SimulationCounts {
  uint64_t requests = 0;
  uint64_t gets = 0, hits = 0, misses = 0;
  uint64_t sets = 0, adds = 0, deletes = 0;
  uint64_t write_hits = 0;    // sets that found the object held
  uint64_t admissions = 0;    // objects that were taken in: by a fill, a set or an add
  uint64_t declined = 0;      // objects that were not: larger than the cache, or not admitted
  uint64_t not_admitted = 0;  // those of them that the admission filter turned away
  uint64_t evictions = 0;     // live objects removed to make room
  uint64_t expirations = 0;   // expired objects found
  uint64_t get_bytes = 0, hit_bytes = 0;  // values asked for, and those of hits
  uint64_t delayed_hits = 0;              // where fills take time
  uint64_t waited_ns = 0;                 // for the origin, by all misses
};

// A count under its name in the report.
struct SimulationField {
  std::string_view name;
  uint64_t SimulationCounts::*count;
};
std::span<const SimulationField> simulation_fields();

// Null where there is nothing to divide by.
std::optional<double> hit_ratio(const SimulationCounts& counts);
std::optional<double> miss_ratio(const SimulationCounts& counts);
std::optional<double> byte_hit_ratio(const SimulationCounts& counts);
std::optional<double> byte_miss_ratio(const SimulationCounts& counts);

// A part of a simulation's course.
struct SimulationWindow {
  uint64_t end_request = 0;                      // of the workload's requests, the warm-up included
  std::optional<int64_t> end_ns = std::nullopt;  // since the first request, of a window of time
  uint64_t gets = 0, hits = 0, evictions = 0;

  std::optional<double> miss_ratio() const;
  bool operator==(const SimulationWindow&) const = default;
};

struct SimulationResult {
  std::string policy;               // spec, as given
  std::string kind;                 // row of the policy table
  std::vector<Spec::Param> params;  // those given
  bool offline = false;             // it knows the future, as no cache can
  std::string size;                 // as given: "1%", "64MiB"; empty: without a limit
  std::optional<uint64_t> capacity_objects, capacity_bytes;  // one of them, or none
  SimulationCounts counts;
  // Standard errors, where the counts are estimates.
  std::optional<double> miss_ratio_error, byte_miss_ratio_error;
  // That of an estimate by caches an eighth as large, each with an eighth of the sample.
  std::optional<double> miss_ratio_by_parts;
  uint64_t simulated = 0;                // requests, the warm-up included
  int64_t cpu_ns = 0;                    // of its thread, over all of those
  std::vector<SimulationWindow> series;  // empty if none was asked for

  std::optional<double> requests_per_second() const;
};

// Misses at one size, of the gets and bytes that its curve has in all.
struct CurvePoint {
  uint64_t size = 0;
  uint64_t misses = 0;
  uint64_t miss_bytes = 0;
  // Standard errors, where the misses are estimates.
  std::optional<double> miss_ratio_error = std::nullopt, byte_miss_ratio_error = std::nullopt;
  bool operator==(const CurvePoint&) const = default;
};

// How the misses of a policy fall as the cache grows.
struct MissRatioCurve {
  std::string policy;     // spec, as given
  bool in_bytes = false;  // the sizes; else entries
  std::string method;     // "stack distances" of one pass, or "simulation" of each size
  bool exact = true;      // the same counts as a simulation of each size
  // The least size that it can have a point for: of stack distances in bytes the charge of the
  // largest object (lru_curve.h).
  uint64_t holds_from = 1;
  uint64_t gets = 0, get_bytes = 0;
  std::vector<CurvePoint> points;  // sizes rise
  int64_t cpu_ns = 0;

  std::optional<double> miss_ratio(const CurvePoint& point) const;
  std::optional<double> byte_miss_ratio(const CurvePoint& point) const;
};

// Of the keys of a workload, by which its counts are estimated.
struct SampleFacts {
  double rate = 0;  // share of the keys
  uint64_t seed = 0;
  uint64_t requests = 0, unique_keys = 0;  // in the sample
};

struct SimulationReport {
  std::string experiment_json;  // the resolved experiment: a JSON object as text
  MachineContext context;
  std::string workload_label;  // the first part of each id
  WorkloadFacts workload;
  std::optional<SampleFacts> sample;  // null: every request was simulated
  uint64_t footprint_bytes = 0;       // key + value bytes of the unique keys, sizes as first seen
  uint64_t compulsory_misses = 0;     // gets after the warm-up that no cache could have answered
  std::string fills;                  // what was chosen: "on-miss"
  std::optional<int64_t> origin_ns;   // what a miss waits for; null: it was not asked
  int64_t cache_rtt_ns = 0;           // what every get waits for
  int64_t decode_ns = 0, intern_ns = 0;
  uint64_t memory_bytes = 0, spilled_bytes = 0;  // of the interned workload
  std::vector<SimulationResult> results;
  std::vector<MissRatioCurve> curves;
  bool interrupted = false;
  std::vector<std::string> warnings;

  // Of gets; null without an origin, or without gets.
  std::optional<double> mean_response_ns(const SimulationResult& result) const;

  // workload/policy/size, and the same without the policy.
  std::string id(const SimulationResult& result) const;
  std::string match_key(const SimulationResult& result) const;
  // workload/policy/curve, or curve-bytes.
  std::string id(const MissRatioCurve& curve) const;
  std::string match_key(const MissRatioCurve& curve) const;
};

}  // namespace cachegauge
