// What a finished (or interrupted) `profile` hands to the reporters: what the traffic is like, and
// what follows from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/report.h"

namespace cachegauge {

// How values are spread, in the unit that the field's name ends with.
struct Spread {
  // The share of the values that are at or below `high`, which is one less than a power of two.
  struct Step {
    double high = 0;
    double share = 0;
  };

  uint64_t count = 0;
  double min = 0, mean = 0, p50 = 0, p90 = 0, p99 = 0, max = 0;
  std::vector<Step> steps;  // from the first that has values to the first that has all
};

// The values are those of the histogram times `unit`. Null for an empty one.
std::optional<Spread> spread_of(const Histogram& histogram, double unit = 1);

struct HotKey {
  std::string key;  // empty: not known
  uint64_t requests = 0;
  uint64_t gets = 0;
  double share = 0;  // of all requests
};

struct ZipfFit {
  double alpha = 0;
  double ks_distance = 0;  // the largest gap between its distribution and the trace's, in [0, 1]
};

struct Popularity {
  uint64_t one_hit_keys = 0;  // requested once
  double one_hit_key_share = 0, one_hit_request_share = 0;
  std::optional<ZipfFit> zipf;                               // null for fewer than ten keys
  double top_1_percent_share = 0, top_10_percent_share = 0;  // of requests, by the hottest keys
  std::vector<HotKey> hottest;
};

// Of a trace with times.
struct Rate {
  double span_s = 0;
  double mean_rps = 0;
  double interval_s = 0;  // of the counts that the next two are made of
  double peak_rps = 0, peak_to_mean = 0;
  double dispersion = 0;  // variance of the counts by their mean (Fano factor): 1 for Poisson
};

// One of the equal parts that a trace is cut into, by time or, without times, by requests.
struct ProfileWindow {
  double begin = 0;  // seconds or requests since the first request
  uint64_t requests = 0;
  uint64_t unique_keys = 0;  // the working set
  uint64_t new_keys = 0;     // that no window before had
  uint64_t unique_bytes = 0;
};

// What writes (sets and adds) are worth.
struct Writes {
  uint64_t writes = 0, deletes = 0;
  std::optional<double> gets_per_write;
  uint64_t unread = 0;  // overwritten or deleted before a get came
  std::optional<double> unread_share;
  uint64_t stores = 0;  // requests that could store: writes, or without any the gets
  uint64_t stores_without_ttl = 0;
};

// The size of an LRU cache, and what it gives. Where values differ in size it is bounded in bytes,
// and `objects` is the least bound in entries by which LRU hits as much; else the other way round.
struct SizePoint {
  uint64_t objects = 0, bytes = 0;  // bytes as `capacity=` charges them
  double hit_ratio = 0;
};

struct SizeForShare {
  double share = 0;  // of the best hit ratio
  SizePoint size;
};

// Requests that come soon after the last one of their key, beside what independent requests with
// the same popularities would do.
struct SoonReused {
  uint64_t within = 0;  // requests
  uint64_t observed = 0;
  double expected = 0;
};

// By an LRU cache that fills its misses, over a sample of the keys where the trace is long.
struct Reuse {
  double sample_rate = 1;  // of the keys; 1: all, and the figures are exact
  uint64_t sampled_keys = 0;
  bool exact = true;                     // a simulation of each size has the same counts
  std::optional<Spread> distance;        // unique objects between two requests of one
  std::optional<Spread> gap;             // requests from one of a key to its next, of all keys
  std::optional<Spread> time_s;          // the same in seconds; null without times
  std::optional<SoonReused> soon;        // null where too few would be expected to judge by
  std::optional<double> best_hit_ratio;  // all gets but the first of each key
  // What it takes in a cache. Hit ratios of sizes in bytes below it are by simulation, as an LRU
  // cache passes it by, and all others by stack distances.
  uint64_t largest_object_bytes = 0;
  bool sizes_in_bytes = false;  // what bounds the caches of `sizes` and `curve`; else entries
  std::vector<SizeForShare> sizes;
  std::vector<SizePoint> curve;  // sizes rise
};

struct Traffic {
  std::vector<std::pair<std::string, uint64_t>> ops;
  uint64_t footprint_bytes = 0;
  std::optional<Spread> value_bytes;   // of requests
  std::optional<Spread> object_bytes;  // key and value of each key, as first seen
  std::optional<Spread> key_bytes;     // of keys
  std::optional<Spread> ttl_s;         // of requests that have one
  uint64_t huge_objects = 0;           // values of kHugeBytes and more
  double huge_byte_share = 0;          // of the footprint
  Popularity popularity;
  std::optional<Rate> rate;
  bool windows_by_time = false;
  std::vector<ProfileWindow> windows;
  Writes writes;
  Reuse reuse;

  static constexpr uint64_t kHugeBytes = uint64_t{1} << 20;  // what memcached refuses
};

// Something about the traffic that a user should know, why we think so, and what to do.
struct ProfileFinding {
  std::string name;  // row of the table in harness/profile/findings.cc
  std::string evidence, remedy;
};

struct OriginTimes {
  std::string spec;
  double mean_ns = 0, p99_ns = 0;  // of calls that do not wait for each other
};

struct Prices {
  std::optional<double> gib_month;    // of cache memory
  std::optional<double> origin_call;  // each
};

// A month, in the currency of the prices; a part without a price is 0.
struct MonthlyCost {
  double memory = 0, origin = 0;
  double total() const { return memory + origin; }
};

// A cache that might be adopted, at one size.
struct Candidate {
  std::string name;       // adapter spec, or "a cache 500 us away"
  bool measured = false;  // here and now; else its times are those that were given
  double get_ns = 0, set_ns = 0, get_p99_ns = 0;
  // An origin is worth caching behind this cache if its mean is above: (get + m·set) / (1 - m)
  // with a miss ratio of m. Null without hits.
  std::optional<double> break_even_ns;
  // With the origin; null without one.
  std::optional<double> mean_ns, p99_ns;
  std::optional<bool> pays;
  std::optional<SizePoint> smallest;  // the smallest LRU cache that pays
};

struct PolicyChoice {
  std::string policy;
  double hit_ratio = 0;
  std::optional<double> hit_ratio_error = std::nullopt;  // standard, of an estimate by a sample
};

struct Stampede {
  double hottest_rps = 0;       // λ, gets
  double calls_per_expiry = 0;  // 1 + λ·δ, without protection
};

struct Verdict {
  std::optional<SizePoint> size;  // that the candidates and policies are judged at
  bool size_in_bytes = false;     // what bounds that cache; else entries
  std::string size_reason;        // "90 % of the best hit ratio"
  std::vector<PolicyChoice> policies;
  std::string policy;     // the best of them; empty: none was looked at
  double miss_ratio = 1;  // of it at that size
  // A cache whose gets and sets take a time t pays for an origin slower than this factor times t.
  // Null without hits.
  std::optional<double> break_even_factor;
  std::optional<OriginTimes> origin;
  std::vector<Candidate> candidates;
  std::optional<Stampede> stampede;
  std::optional<MonthlyCost> cost_with, cost_without;
};

struct ProfileReport {
  std::string experiment_json;  // the resolved experiment: a JSON object as text
  MachineContext context;
  std::string workload_label;
  WorkloadFacts workload;
  Traffic traffic;
  Verdict verdict;
  std::vector<ProfileFinding> findings;
  std::string next;  // a command, ready for a shell; empty: there is nothing to try
  int64_t decode_ns = 0, intern_ns = 0, profile_ns = 0;
  bool interrupted = false;
  std::vector<std::string> warnings;

  // The workload's label, as the part of an id.
  std::string id() const;
};

}  // namespace cachegauge
