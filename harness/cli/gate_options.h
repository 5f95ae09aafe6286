// What `gate` is asked to do, as its command line says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "harness/cli/instruction_count.h"

namespace cachegauge {

enum class GateMode : uint8_t { kStored, kInterleave, kAgainst };

struct GateOptions {
  bool help = false;
  GateMode mode = GateMode::kStored;

  std::string baseline, candidate, rules;  // files
  bool update_baseline = false, print_rules = false;

  std::string baseline_spec, candidate_spec, workload;
  std::vector<std::string> run_flags;  // for `run`: "--limit=10k"

  std::string against, build, run, count;
  int64_t run_timeout_ns = 60'000'000'000;

  int64_t budget_ns = 300'000'000'000;
  std::optional<uint64_t> rounds;  // none: what the rules say
  uint64_t count_requests = kCountedRequests;

  std::string out, junit, markdown;
  bool force = false;
  std::string command;  // the whole of it, ready for a shell, passwords redacted
};

// Throws Error::usage for what is missing, what has no part in the mode, and values that `run`
// would not take.
GateOptions read_gate_options(const std::vector<std::string>& args);

void print_gate_help();

}  // namespace cachegauge
