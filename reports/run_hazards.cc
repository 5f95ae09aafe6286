#include "reports/run_hazards.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/metrics.h"
#include "reports/run_figures.h"

namespace cachegauge {
namespace {

// "client_bound (the client was …)"
std::string explain_flag(std::string_view flag) {
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
      {"client_bound", "the client was the bottleneck, so times and rates are its own"},
      {"still_warming", "the hit ratio was still changing at the end: a longer run or --warmup"},
  };
  for (const auto& [name, meaning] : kFlags) {
    if (flag == name) return fmt::format("{} ({})", name, meaning);
  }
  return std::string(flag);
}

}  // namespace

std::vector<Hazard> flags_and_warnings(const RunReport& report) {
  HazardNotes warnings, flags;
  for (const std::string& warning : report.warnings) warnings.add(warning, "");
  for (const CellReport& cell : report.cells) {
    for (const std::string& warning : cell.result.warnings) {
      warnings.add(warning, cell.label.adapter);
    }
    for (const std::string& flag : cell.result.flags) {
      if (flag == kNotCounted) continue;  // its failure is told
      flags.add(explain_flag(flag), cell.label.adapter);
    }
  }
  std::vector<Hazard> hazards;
  flags.append_to(hazards, "flag");
  warnings.append_to(hazards, "warning");
  return hazards;
}

std::vector<Hazard> alarms(const ComparedWorkload& workload) {
  constexpr std::pair<std::string_view, std::string_view> kAlarms[] = {
      {"corrupt", "values came back corrupt"},
      {"stale", "values came back older than the last write that was acknowledged"},
      {"timeouts", "commands timed out"},
      {"rejected", "commands were rejected: the backend cannot take their key or value"},
      {"origin.errors", "calls to the origin failed"},
      {"unverifiable", "values were too small to be checked"},
      {"skipped_rows", "malformed rows of the trace were skipped"},
  };
  std::vector<Hazard> hazards;
  for (const auto& [metric, what] : kAlarms) {
    for (const ComparedCell& cell : workload.cells) {
      const Summary* s = cell.find(metric);
      if (!s || s->high <= 0) continue;
      hazards.push_back(
          {"alarm", fmt::format("{}: {} {}", cell.name, format_whole(s->high), what)});
    }
  }
  return hazards;
}

std::vector<Hazard> run_hazards(const RunReport& report) {
  std::vector<Hazard> hazards;
  const bool interrupted =
      report.interrupted || std::any_of(report.cells.begin(), report.cells.end(),
                                        [](const CellReport& c) { return c.result.interrupted; });
  if (interrupted) hazards.push_back({"interrupted", "what was measured until then"});
  HazardNotes failures;
  for (const CellReport& cell : report.cells) {
    if (!cell.result.failure.empty()) failures.add(cell.result.failure, cell.label.adapter);
  }
  failures.append_to(hazards, "failed");
  for (Hazard& hazard : flags_and_warnings(report)) hazards.push_back(std::move(hazard));
  for (const ComparedWorkload& workload : compare_run(report)) {
    for (Hazard& hazard : alarms(workload)) hazards.push_back(std::move(hazard));
  }
  put_gravest_first(hazards);
  return hazards;
}

}  // namespace cachegauge
