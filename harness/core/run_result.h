// What one thread, process or machine measured. Results merge by adding, so threads, forked clients
// and (later) other machines all hand over the same thing; ratios and percentiles are derived after
// merging (metrics.h).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/fault_result.h"
#include "harness/core/histogram.h"
#include "harness/core/hit_history.h"
#include "harness/core/pattern_figures.h"
#include "harness/core/series.h"

namespace cachegauge {

// Counted over the measured interval alone (after the warm-up). Accounting: hits + misses +
// get_errors = gets. A rejected get is a miss. `sets` leaves fills out.
struct Counters {
  uint64_t gets = 0, hits = 0, misses = 0, get_errors = 0;
  uint64_t sets = 0, adds = 0, deletes = 0, fills = 0;
  uint64_t not_stored = 0;  // adds that found the key, sets and fills that admission declined
  uint64_t rejected = 0;    // commands the backend cannot take, fills included
  uint64_t errors = 0;      // failed commands of any kind, timeouts included
  uint64_t timeouts = 0;
  uint64_t corrupt = 0;       // a hit whose value is not what was written under this key
  uint64_t stale = 0;         // a hit older than the last version acknowledged when its get began
  uint64_t unverifiable = 0;  // a hit too small for the 16-byte header
  uint64_t get_bytes = 0, hit_bytes = 0;  // value bytes asked for, and served
  uint64_t unique_keys = 0;
  uint64_t origin_calls = 0;
  uint64_t origin_errors = 0;  // calls that failed; not among `errors`, which are the cache's
  uint64_t origin_peak_concurrency = 0;  // merges by maximum
  uint64_t skipped_rows = 0;             // merges by maximum: each thread reads the whole trace

  void merge(const Counters& other);
};

// The table of the counters that are plain sums: for merging and for the serialisation.
struct CounterField {
  std::string_view name;
  uint64_t Counters::*field;
  bool by_maximum = false;
  std::string_view report_name = {};  // in reports, where it is not `name`
};
std::span<const CounterField> counter_fields();

// What a guard did (harness/replay/guards/), within the measured interval. Plain sums.
struct GuardCounts {
  uint64_t waited = 0;            // gets answered by a load of another that they waited for
  uint64_t stale_served = 0;      // hits whose value was past its lifetime
  uint64_t unanswered = 0;        // gets without a value: a load failed, or the wait was too long
  uint64_t early_loads = 0;       // loads begun while the cache had a value within its lifetime
  uint64_t background_loads = 0;  // loads behind a get that was served already
  uint64_t lock_attempts = 0;     // of locks and leases
  uint64_t locks_taken = 0;
  uint64_t polls = 0;  // looks at the cache while waiting

  void merge(const GuardCounts& other);
};

struct GuardCountField {
  std::string_view name;
  uint64_t GuardCounts::*field;
};
std::span<const GuardCountField> guard_count_fields();

// What the application had between itself and the cache (harness/replay/layers/), within the
// measured interval. Plain sums.
struct LayerCounts {
  uint64_t values_encoded = 0, values_decoded = 0;
  uint64_t undecodable = 0;  // hits that did not decode to what is encoded: corrupt, all of them
  uint64_t plain_bytes = 0, encoded_bytes = 0;  // of the values that were encoded
  uint64_t keys_named = 0;  // commands whose key was hashed, or put in a namespace
  uint64_t plain_key_bytes = 0, named_key_bytes = 0;
  uint64_t keys_in_collisions = 0;  // of the workload's: as many as share a name with another
  uint64_t values_changed = 0;      // by the caller, once it had them

  void merge(const LayerCounts& other);
};

struct LayerCountField {
  std::string_view name;
  uint64_t LayerCounts::*field;
};
std::span<const LayerCountField> layer_count_fields();

inline SeriesCounts series_counts(const Counters& c) {
  return {.requests = c.gets + c.sets + c.adds + c.deletes,
          .gets = c.gets,
          .hits = c.hits,
          .misses = c.misses,
          .errors = c.errors};
}

// Response time: the whole application request, its origin call included, from intended start to
// completion. Service time: one cache command (or origin call), from actual start to reply.
// Connection wait, of an open loop: how long a command waited for a connection with room for it.
// Schedule lag, of an open loop: how long after its intended start the client got to a request.
// Encode, decode, key name: of one value, or key, in the application's own code.
enum class Timing : uint8_t {
  kResponseGet,
  kResponseGetHit,
  kResponseGetMiss,
  kResponseSet,
  kResponseAdd,
  kResponseDelete,
  kServiceGet,
  kServiceSet,
  kServiceAdd,
  kServiceDelete,
  kServiceFill,
  kServiceOrigin,
  kConnectionWait,
  kScheduleLag,
  kEncode,
  kDecode,
  kKeyName,
};
inline constexpr int kTimingCount = 17;
std::string_view timing_name(Timing timing);  // "response_time_ns.get_hit", "schedule_lag_ns"

// What the driver did and what became of its schedule. All but the last three are of an open loop.
struct LoadFigures {
  int64_t offered = 0;           // requests that came up on the schedule and were handed out
  int64_t schedule_span_ns = 0;  // intended start of the last of them; merges by maximum
  int64_t sent_span_ns = 0;      // when it was handed out; merges by maximum
  int64_t backlog_max = 0;       // commands in line for a connection
  // While the client itself stood still, in all and the longest; both merge by maximum.
  int64_t paused_ns = 0;
  int64_t longest_pause_ns = 0;
  int64_t spin_ns = 0;  // of its time: looking at the clock until a request is due

  void merge(const LoadFigures& other);
};

// What the search for the highest rate under a promise tried, and found.
struct CapacityTrial {
  double rate = 0;      // offered, requests per second
  double achieved = 0;  // answered
  bool held = false;
  bool client_bound = false;
  std::vector<int64_t> percentiles_ns;  // of the promise's terms, in their order
  std::string why;                      // what was broken: "p99 was 2.4 ms"
};
struct Capacity {
  std::string slo;             // "p99=1ms"
  std::optional<double> rate;  // requests per second; none: no rate that was tried held
  std::string limited_by;      // what gave out above it: "server" or "client"; empty: nothing did
  std::vector<CapacityTrial> trials;
};

struct RunResult {
  Counters counters;
  std::optional<GuardCounts> guard;       // none without a guard
  std::optional<PatternFigures> pattern;  // none of a pattern that writes to the cache alone
  std::optional<LayerCounts> layers;      // none without layers
  std::array<Histogram, kTimingCount> timings;
  int64_t duration_ns = 0;  // of the measured interval, real; merges by maximum
  int64_t client_user_ns = 0, client_system_ns = 0;
  // Sum of the timed requests' time in flight, for the mean concurrency.
  int64_t concurrency_ns = 0;
  uint64_t concurrency_max = 0;  // merges by sum: threads run side by side
  LoadFigures load;
  std::optional<Capacity> capacity;
  Series series;  // its sum is that of the counters
  HitHistory hit_history;
  std::vector<FaultResult> faults;               // as planned, in order of their times
  std::optional<CacheErrorCounts> cache_errors;  // of a run that asked for it, or has faults
  // How long the measured interval took on a virtual clock, which the series then goes by; 0: the
  // series goes by real time.
  int64_t virtual_ns = 0;
  // What the series and the faults count their times in.
  int64_t series_span_ns() const { return virtual_ns > 0 ? virtual_ns : duration_ns; }
  // Differences over the measured interval where cumulative; filled in once a cell, not a thread.
  AdapterState adapter;
  std::optional<uint64_t> bytes_used_before;  // the measured interval
  std::string adapter_version;
  std::vector<Spec::Param> adapter_settings;
  std::vector<AdapterFigure> adapter_statistics;  // of the measured interval
  // Of a real origin. What it counted itself over the measured interval; empty is "not known".
  std::string origin_version;
  std::vector<Spec::Param> origin_settings;
  std::vector<OriginFigure> origin_statistics;
  // CPUs that the threads could run on, ascending; empty is "not known". They merge by union.
  std::vector<int> client_cpus;
  std::vector<int> server_cpus;  // of the private server
  std::vector<std::string> warnings;
  std::vector<std::string> flags;
  bool interrupted = false;
  // The run ended early; the counts until then stand. Empty if it did not.
  std::string failure;

  Histogram& timing(Timing t) { return timings[static_cast<int>(t)]; }
  const Histogram& timing(Timing t) const { return timings[static_cast<int>(t)]; }

  // Adds another thread's or process' part. Of `adapter`, the origin and their versions the first
  // known is kept.
  void merge(const RunResult& other);
};

// A line-based text form, versioned; what a child process, or a worker in another language, hands
// over. The format is written down in docs/run_result.md.
std::string serialize(const RunResult& result);
// Throws Error::failed for anything but a whole, consistent text of this version.
RunResult parse_run_result(std::string_view text);

}  // namespace cachegauge
