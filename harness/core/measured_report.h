// A report as the gate sees it, whatever its kind: every number of results[] under its path.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace cachegauge {

struct MeasuredResult {
  std::string id, match_key;
  uint64_t repetition = 1;
  std::string time;         // "real" or "virtual"; empty: the report does not say
  std::string fingerprint;  // of the sequence of requests; empty: the report does not say
  std::string command;      // takes the result again, ready for a shell; empty: not known
  // By path in the result ("hits", "response_time_ns.get.p99"); none: the report has null there.
  std::map<std::string, std::optional<double>> metrics;
};

struct MeasuredReport {
  std::string name;             // the file it was read from, or the arm it was measured by
  std::string kind;             // of what was measured: "run", "simulate", "stampede"
  bool is_baseline = false;     // written by `gate --update-baseline`: holds what rules name, alone
  std::string experiment_hash;  // 16 hex digits; equal hashes, equal experiments
  std::vector<MeasuredResult> results;  // at least one
  std::vector<std::string> hazards;     // flags and warnings that bear on the figures
};

}  // namespace cachegauge
