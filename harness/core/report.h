// What a finished (or interrupted) `run` hands to the reporters.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "harness/core/run_result.h"
#include "harness/core/statistics.h"

namespace cachegauge {

// A cell's identity: readable, without "/" inside a part, unique within a report.
struct CellLabel {
  std::string workload, adapter, pattern, guard, driver;
  std::string id() const;         // workload/adapter/pattern/guard/driver
  std::string match_key() const;  // the id without the adapter: for A against B
};

struct WorkloadFacts {
  std::string spec;   // resolved: says the sequence in full
  std::string given;  // as a command line may say it again; empty: as `spec`
  std::string format;
  uint64_t requests = 0;  // of the whole workload, after --limit
  uint64_t unique_keys = 0;
  std::string fingerprint;  // 16 hex digits over the sequence of requests
};

struct CellReport {
  CellLabel label;
  int repetition = 1;
  std::string adapter_spec;  // redacted
  std::string adapter_kind;
  bool adapter_bounded = true;  // Capabilities::bounded; if not, it is a floor or a ceiling to
                                // compare with (null, unbounded) and not a candidate
  WorkloadFacts workload;
  std::string pattern, guard, driver;  // specs
  std::string codec = "none";          // how values are serialised
  std::string key_naming = "none";     // what becomes of a key before it is sent: "md5:bits=64"
  std::string origin;                  // spec, redacted; empty: none, so a miss costs nothing
  std::string fills;                   // what was chosen: "on-miss"
  std::string time;                    // "real" or "virtual"
  std::optional<double> instructions_per_request;  // in process, if they were counted
  RunResult result;
};

struct MachineContext {
  std::string host, cpu_model, kernel, governor;  // empty: not known
  int cores = 0;
  std::optional<double> load;   // 1 minute, at the start
  std::optional<double> steal;  // share of CPU time stolen over the run
  std::optional<double> timer_floor_ns;
  std::optional<double> null_floor_ns;  // per request through the null adapter, if it was measured
  std::string started_at;               // RFC 3339, UTC
};

struct CellSummary {
  std::string id;
  std::vector<std::pair<std::string, Summary>> metrics;
};

struct RunReport {
  std::string experiment_json;  // the resolved experiment, secrets redacted: a JSON object as text
  MachineContext context;
  std::vector<CellReport> cells;
  bool interrupted = false;
  std::vector<std::string> warnings;
  std::vector<std::string> notes;  // what was chosen on the user's behalf, and why
  // The flags that another run needs to be like this one, ready for a shell and without those that
  // a `next:` line may add (--repeat, --out): "--memory 64MiB --origin sleep:latency=2ms".
  std::string flags_to_repeat;
};

// True if the repetition ran to its end, so that its figures stand for the cell.
bool is_complete(const RunResult& result);

// The repetitions of one id, in the order in which they ran. Points into the report's cells.
struct CellRepetitions {
  std::string id;
  std::vector<const CellReport*> cells;
};

// In order of first appearance.
std::vector<CellRepetitions> group_repetitions(const std::vector<CellReport>& cells);

// Over the complete repetitions, or over all of them if none is. A metric that some of those lack
// is left out.
CellSummary summarize(const CellRepetitions& group);

// One summary for each id, in order of first appearance.
std::vector<CellSummary> summarize_cells(const std::vector<CellReport>& cells);

// The times of one id over the repetitions that its summary stands for.
Histogram merged_timing(const std::vector<CellReport>& cells, std::string_view id, Timing timing);

}  // namespace cachegauge
