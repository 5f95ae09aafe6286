// What a gate was asked to hold, and what it found: what `gate` hands to the reporters.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/error.h"
#include "harness/core/report.h"

namespace cachegauge {

// How a figure is judged.
enum class GateClass : uint8_t {
  kExact,       // equal to the baseline's, or within a tolerance: counts, bytes
  kBound,       // within limits that need no baseline
  kStochastic,  // varies from repetition to repetition, but not with the machine
  kTime,        // varies with the machine: decided by paired rounds alone
  kCount,       // of instructions: the same whatever the machine does
};
enum class Worse : uint8_t { kEither, kUp, kDown };

struct GateRule {
  std::string match;  // of "id/metric"; "*" stands for any characters, "/" among them
  GateClass type = GateClass::kExact;
  bool fails = true;           // severity "fail"; if not, "warn", which leaves the exit code alone
  bool optional = false;       // may match nothing
  std::optional<Worse> worse;  // none: what the metric's name says (resolve_worse())
  double tolerance = 0;        // exact, count: share of the baseline's figure
  double min_effect = 0.01;    // stochastic, time: a smaller change is none
  double detect = 0.05;        // time: a pass rules a change as large as this out
  std::optional<double> min, max;
  std::string time;  // "virtual" or "real": of results in that time alone; empty: of all
};

enum class GateOutcome : uint8_t { kPass, kRegression, kInconclusive };

std::string_view gate_class_name(GateClass type);         // "exact"
std::string_view gate_outcome_name(GateOutcome outcome);  // "pass"
std::string_view worse_name(Worse worse);                 // "up"

// One figure under one rule.
struct GateFinding {
  size_t rule = 0;  // its place among GateReport::rules
  std::string id, metric;
  GateOutcome outcome = GateOutcome::kPass;
  bool advisory = false;  // a stored time: is shown, and decides nothing
  // Medians over repetitions or rounds. Without a baseline, or of a bound, the first is not known.
  std::optional<double> baseline, candidate;
  // candidate / baseline - 1, and its one-sided bounds where there is an interval.
  std::optional<double> change, change_low, change_high;
  // Of the baseline against itself, in paired rounds.
  std::optional<double> again_low, again_high;
  uint64_t samples = 0;    // rounds of each side, or repetitions of the candidate
  bool confirmed = false;  // by a second set of rounds
  std::string why;         // in words; of what passed empty
};

struct GateReport {
  std::string mode;                 // "stored", "interleave", "against"
  std::string baseline, candidate;  // file, spec or commit
  MachineContext context;
  std::vector<GateRule> rules;
  std::vector<GateFinding> findings;
  uint64_t rounds = 0, confirming_rounds = 0;  // of paired rounds
  double alpha = 0;
  uint64_t seed = 0;
  double duration_s = 0;
  bool interrupted = false;
  std::string inconclusive;  // why nothing can be said at all; empty: it can
  std::string reproduce;     // a command, ready for a shell
  std::vector<std::string> warnings;

  // Of the findings whose rule fails and that are not advisory: a regression outweighs what is not
  // decided, and what makes the whole gate inconclusive outweighs both.
  GateOutcome outcome() const;
  ExitCode exit_code() const;
  bool decides(const GateFinding& finding) const;
  // Findings that are no pass, those that decide first.
  std::vector<const GateFinding*> troubles() const;
};

}  // namespace cachegauge
