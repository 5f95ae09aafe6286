#include "reports/stampede_hazards.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace cachegauge {
namespace {

// "cut_short (fewer episodes …)"
std::string explain_stampede_flag(std::string_view flag) {
  constexpr std::pair<std::string_view, std::string_view> kFlags[] = {
      {"rate_missed", "the load was not what was asked for: the counts stand for another"},
      {"generator_late", "requests were started late: the counts stand for another load"},
      {"cut_short", "fewer episodes than were asked for"},
      {"not_recovered", "a round ended before the hit ratio was back: rounds bear on each other"},
      {"cache_errors", "commands failed at the cache, and counted as misses"},
  };
  for (const auto& [name, meaning] : kFlags) {
    if (flag == name) return fmt::format("{} ({})", name, meaning);
  }
  return std::string(flag);
}

}  // namespace

std::vector<Hazard> stampede_hazards(const StampedeReport& report) {
  std::vector<Hazard> hazards;
  const bool interrupted =
      report.interrupted || std::any_of(report.cells.begin(), report.cells.end(),
                                        [](const StampedeCell& c) { return c.interrupted; });
  if (interrupted) hazards.push_back({"interrupted", "what was measured until then"});
  HazardNotes warnings, flags;
  for (const std::string& warning : report.warnings) warnings.add(warning, "");
  for (const StampedeCell& cell : report.cells) {
    const std::string name = stampede_cell_name(report, cell);
    for (const std::string& warning : cell.warnings) warnings.add(warning, name);
    for (const std::string& flag : cell.flags) flags.add(explain_stampede_flag(flag), name);
  }
  warnings.append_to(hazards, "warning");
  flags.append_to(hazards, "flag");
  put_gravest_first(hazards);
  return hazards;
}

std::string stampede_cell_name(const StampedeReport& report, const StampedeCell& cell) {
  const bool alone =
      std::all_of(report.cells.begin(), report.cells.end(),
                  [&](const StampedeCell& other) { return other.adapter == cell.adapter; });
  return alone ? cell.guard : cell.adapter + " " + cell.guard;
}

}  // namespace cachegauge
