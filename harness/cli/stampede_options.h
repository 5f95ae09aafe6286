// What `stampede` is asked to do, as its command line says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/experiment.h"

namespace cachegauge {

// What it shares with `run` stands in `common`.
struct StampedeOptions {
  Experiment common;
  std::vector<std::string> guards;  // as given
  Spec scenario = Spec("hot-key-expiry");
  std::string fault;  // as given; empty: none
  int64_t ttl_ns = 1'000'000'000;
  std::optional<uint64_t> episodes;  // 20; of a recorded trace, as many as it has
  uint32_t processes = 1;
  int64_t round_trip_ns = 0;
  bool simulate = false;
};

void print_stampede_help();

// Throws Error::usage for what is missing, what has no part in each other, and more processes than
// this machine holds.
StampedeOptions read_stampede_options(const std::vector<std::string>& args);

// The resolved experiment: a JSON object, secrets redacted.
std::string stampede_options_json(const StampedeOptions& options);

}  // namespace cachegauge
