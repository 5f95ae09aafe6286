// What a finished (or interrupted) `stampede` hands to the reporters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/core/report.h"
#include "harness/core/stampede_figures.h"

namespace cachegauge {

// What theory expects of it, at the rate and over the window that were achieved.
struct StampedeExpectation {
  double origin_calls = 0;    // per episode
  double standard_error = 0;  // of the mean over the episodes that were counted
  std::string formula;        // "1 + rate x window"
};

struct StampedeCell {
  std::string scenario, adapter, adapter_kind, guard, driver;  // specs; the adapter's redacted
  std::string adapter_version;
  std::string time;  // "real" or "virtual"
  std::string origin;
  std::string fault;     // what went wrong on purpose; empty: nothing
  std::string workload;  // a recorded trace; empty: drawn at a rate
  uint32_t keys = 1;
  uint32_t clients = 0;  // of a closed loop; 0: an open one
  uint32_t processes = 1;
  int64_t ttl_ns = 0;
  std::optional<double> asked_rate;  // requests per second
  StampedeFigures figures;
  std::optional<StampedeExpectation> expected;
  std::optional<double> expected_window_ms;
  bool interrupted = false;
  std::vector<std::string> flags, warnings;

  std::string id() const;         // scenario[+fault]/adapter/guard/driver
  std::string match_key() const;  // the same without the adapter
};

struct StampedeReport {
  std::string experiment_json;  // the resolved experiment: a JSON object as text
  MachineContext context;
  std::vector<StampedeCell> cells;
  bool interrupted = false;
  std::vector<std::string> warnings;
};

}  // namespace cachegauge
