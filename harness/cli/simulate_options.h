// The command line of `simulate`.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "harness/cli/experiment.h"
#include "harness/simulate/fixed_size_sample.h"
#include "harness/simulate/sampled_trace.h"

namespace cachegauge {

// What it is asked to do. What it shares with `run` stands in `common`.
struct SimulateOptions {
  Experiment common;
  std::string workload;  // as given
  std::vector<Spec> policies;
  std::vector<CacheSize> sizes;
  std::vector<Spec> curves;
  bool curves_in_bytes = false;
  std::string csv;
  double sample_rate = 1;
  std::optional<uint32_t> sample_keys;
  SeriesWindow window;
  std::optional<int64_t> origin_ns, cache_rtt_ns;
  uint32_t threads = std::max(1u, std::thread::hardware_concurrency());
  uint64_t max_memory_bytes;  // half of the machine's

  SimulateOptions();
};

void print_simulate_help();

// Throws Error::usage.
SimulateOptions read_simulate_options(const std::vector<std::string>& args);

// Throws Error::usage for a workload that has not what is asked of it.
void check_workload(const SimulateOptions& options, const Workload& workload, Fills fills);

// The resolved experiment: a JSON object as text.
std::string resolved_json(const SimulateOptions& options, const Workload& workload);

}  // namespace cachegauge
