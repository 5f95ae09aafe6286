// What `run` is asked to do, as given: by flags, by an experiment file, or both (flags override
// it). Each option is one row of a table that serves as flag, as key of the file, and as entry of
// the resolved experiment in the report.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/placement.h"
#include "harness/core/spec.h"
#include "harness/core/workload.h"
#include "harness/replay/cell.h"
#include "harness/replay/layers/codecs.h"

namespace cachegauge {

enum class TimeMode : uint8_t { kAuto, kReal, kVirtual };

// `--warmup`: a share of the workload's requests, or a count of them.
struct Warmup {
  double share = 0;
  uint64_t count = 0;
};

struct Experiment {
  std::vector<Spec> workloads;
  std::vector<Spec> adapters;

  std::optional<uint32_t> clients;  // 1; of an open loop kOpenLoopClients
  uint32_t threads = 1, pipeline = 1;
  // An open loop, if one of these (or `slo`) is given.
  std::optional<double> rate;  // requests per second; 0: found by probing ("auto")
  std::optional<double> speed;
  bool poisson = true;
  Slo slo;
  TimingMode timing = TimingMode::kSampled;

  static constexpr uint32_t kOpenLoopClients = 50;
  bool is_open_loop() const { return rate || speed || slo.is_set(); }
  uint32_t resolved_clients() const {
    return clients.value_or(is_open_loop() ? kOpenLoopClients : 1);
  }

  int64_t duration_ns = 0;
  std::optional<uint64_t> limit;
  Warmup warmup;
  bool preload = false;
  uint64_t repeat = 1;
  uint64_t seed = 42;
  int64_t timeout_ns = 5'000'000'000;
  int64_t interval_ns = 100'000'000;  // of the series

  Fills fills = Fills::kAuto;
  bool all_as_get = false, ignore_size = false, ignore_ttl = false;
  TimeMode time = TimeMode::kAuto;

  std::optional<uint64_t> memory_bytes;
  std::optional<Spec> origin;
  Spec pattern = Spec("cache-aside");
  int64_t kill_at_ns = 0;      // 0: the cell's process is not killed
  std::string guard = "none";  // as given: parts, joined by "+"
  std::vector<Fault> faults;
  OnCacheError on_cache_error = OnCacheError::kFail;
  // Each request is timed then, so that each is in a stretch of its own.
  bool accounts_for_faults() const {
    return !faults.empty() || on_cache_error != OnCacheError::kFail;
  }
  const Codec* codec = &codecs().front();
  KeyNaming naming;
  double change_share = 0;  // of hits
  Placement pin;
  double max_errors = 0.01;
  bool allow_degraded = false, allow_shared_server = false;

  uint64_t instructions = 0;  // counted over so many requests; 0: not counted
  bool skip_floors = false;
  std::string log;   // empty: no log of requests is kept
  std::string out;   // empty: no report is written
  std::string html;  // likewise, of the page
  bool force = false;
  bool dry_run = false;
};

// Beyond that it would take hours to count instructions.
inline constexpr uint32_t kMostCountedRequests = 10'000'000;

struct ExperimentOption {
  std::string_view name;   // "--name" and "name" in the file
  std::string_view value;  // what it takes: "N", "TIME"; empty for a switch
  std::string_view group;  // of --help
  std::string_view summary;
  // Throws Error::usage; the caller adds which flag or file position it was.
  void (*set)(Experiment& experiment, std::string_view text);
  // The resolved value for the report; empty: left out. Null for options that do not shape results.
  std::string (*get)(const Experiment& experiment) = nullptr;
  // Takes back what a file said that is not overridden by set() alone: a list, or another way to
  // say the same. Null for the rest.
  void (*forget)(Experiment& experiment) = nullptr;
};

std::span<const ExperimentOption> experiment_options();

// Reads an experiment file into `experiment`. Throws Error::failed when it cannot be read and
// Error::usage, with the JSON path, for what it holds.
void read_experiment_file(const std::string& path, Experiment& experiment);

// The resolved experiment, passwords redacted, as the text of a JSON object.
std::string experiment_json(const Experiment& experiment);

// The options that differ from their defaults, each with what it takes ("true" of a switch); those
// left out that have no part in the result, and `repeat`.
std::vector<std::pair<std::string_view, std::string>> options_that_differ(
    const Experiment& experiment);

// The same as flags, ready for a shell.
std::string flags_to_repeat(const Experiment& experiment);

}  // namespace cachegauge
