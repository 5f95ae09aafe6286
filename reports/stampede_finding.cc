#include "reports/stampede_finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/core/units.h"
#include "reports/run_figures.h"
#include "reports/stampede_hazards.h"
#include "reports/stampede_text.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

using Cells = std::vector<const StampedeCell*>;

// Of a round where the scenario has some: what misses there may be many keys, or none.
std::optional<EpisodeSpread> calls_of(const StampedeCell& cell) {
  const auto rounds = cell.figures.calls_of_rounds();
  return rounds ? rounds : cell.figures.calls();
}

double p99_ns(const StampedeCell& cell) {
  return static_cast<double>(cell.figures.response_in_window_ns.percentile(0.99));
}
double stale_share(const StampedeCell& cell) {
  return share_of(cell.figures.served, Served::kStale).value_or(0);
}
double failed_share(const StampedeCell& cell) {
  return share_of(cell.figures.served, Served::kFailed).value_or(0);
}

// Those that are no further from the least than `share` of it, or `slack`.
Cells least_of(const Cells& cells, double (*figure)(const StampedeCell&), double share,
               double slack) {
  double least = HUGE_VAL;
  for (const StampedeCell* cell : cells) least = std::min(least, figure(*cell));
  const double most = least + std::max(share * least, slack);
  Cells kept;
  for (const StampedeCell* cell : cells) {
    if (figure(*cell) <= most) kept.push_back(cell);
  }
  return kept;
}

Cells comparable(const StampedeReport& report) {
  Cells cells;
  for (const StampedeCell& cell : report.cells) {
    if (calls_of(cell) && cell.flags.empty() && !cell.interrupted) cells.push_back(&cell);
  }
  return cells;
}

Cells best_of(const Cells& cells) {
  Cells best = least_of(cells, failed_share, 0, 0);
  best = least_of(
      best, [](const StampedeCell& cell) { return calls_of(cell)->mean; }, 0.05, 0.05);
  best = least_of(best, p99_ns, 0.1, 1e6);
  return least_of(best, stale_share, 0, 0.001);
}

// What the best is held against: no guard at all, or else the one that calls the origin most.
const StampedeCell* beside(const Cells& cells, const Cells& best) {
  const StampedeCell* most = nullptr;
  for (const StampedeCell* cell : cells) {
    if (std::find(best.begin(), best.end(), cell) != best.end()) continue;
    if (cell->guard == "none" && cell->adapter == best.front()->adapter) return cell;
    if (!most || calls_of(*cell)->mean > calls_of(*most)->mean) most = cell;
  }
  return most;
}

std::string names_of(const StampedeReport& report, const Cells& cells) {
  std::vector<std::string> names;
  for (const StampedeCell* cell : cells) {
    names.push_back(printable(stampede_cell_name(report, *cell)));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string per_what(const StampedeCell& cell) {
  return cell.figures.round_calls.empty() ? "an expiry" : "a round";
}

// "p99 in the window 1.20 ms, 4.76% of the answers stale"
std::string conditions_of(const StampedeCell& cell) {
  std::string text;
  if (!cell.figures.response_in_window_ns.empty()) {
    text += ", p99 in the window " + format_duration(p99_ns(cell));
  }
  if (stale_share(cell) > 0) {
    text += fmt::format(", {} of the answers stale", format_percent(stale_share(cell)));
  }
  if (failed_share(cell) > 0) {
    text += fmt::format(", {} of the requests failed", format_percent(failed_share(cell)));
  }
  return text;
}

std::string best_line(const StampedeReport& report, const Cells& cells, const Cells& best) {
  const StampedeCell& first = *best.front();
  std::string text = fmt::format("{} {} best here: {:.2f} origin calls {}{}",
                                 names_of(report, best), best.size() > 1 ? "do" : "does",
                                 calls_of(first)->mean, per_what(first), conditions_of(first));
  if (const StampedeCell* other = beside(cells, best)) {
    text += fmt::format("; {} has {:.2f}{}", printable(stampede_cell_name(report, *other)),
                        calls_of(*other)->mean, conditions_of(*other));
  }
  return text + "\n";
}

std::string comparison(const StampedeReport& report) {
  if (report.cells.size() < 2) return {};
  const Cells cells = comparable(report);
  if (cells.size() < 2) {
    return "no guard can be called best: all but one at the most are flagged, interrupted or "
           "without an expiry\n";
  }
  const Cells best = best_guards(report);
  if (best.size() == cells.size()) return "no guard does better here than another\n";
  std::string text = best_line(report, cells, best);
  if (stale_share(*best.front()) == 0) return text;
  Cells fresh;
  for (const StampedeCell* cell : cells) {
    if (stale_share(*cell) == 0) fresh.push_back(cell);
  }
  if (fresh.empty()) return text;
  const Cells best_fresh = best_of(fresh);
  const StampedeCell& first = *best_fresh.front();
  return text + fmt::format("where no answer may be stale: {}, {:.2f} origin calls {}{}\n",
                            names_of(report, best_fresh), calls_of(first)->mean, per_what(first),
                            conditions_of(first));
}

// Beyond three standard errors, and more than rounding.
bool is_off(const StampedeCell& cell) {
  const auto calls = cell.figures.calls();
  if (!calls || !cell.expected) return false;
  const double off = std::abs(calls->mean - cell.expected->origin_calls);
  return off > 3 * cell.expected->standard_error + 0.005;
}

std::string name_with_adapter(const StampedeCell& cell) {
  return printable(cell.adapter + " " + cell.guard);
}

std::string rounds_line(const StampedeCell& cell) {
  const auto calls = cell.figures.calls_of_rounds();
  if (!calls) return {};
  return fmt::format("{}: {:.2f} origin calls a round of {}, at most {}; {} at once\n",
                     name_with_adapter(cell), calls->mean, printable(cell.scenario),
                     format_count(calls->most), format_count(cell.figures.peak_origin_concurrency));
}

std::string expiry_line(const StampedeCell& cell) {
  const StampedeFigures& figures = cell.figures;
  const auto calls = figures.calls();
  if (!calls) return {};
  std::string text =
      fmt::format("{}: {:.2f} origin calls an expiry over {} episodes, {} of them wasted",
                  name_with_adapter(cell), calls->mean, format_count(figures.episode_calls.size()),
                  format_count(figures.wasted_calls()));
  if (is_off(cell)) text += fmt::format("; theory has {}", expected_calls_text(cell));
  const std::pair<uint64_t, std::string_view> wrongs[] = {
      {figures.double_holders, "locks were got while another held them"},
      {figures.late_stale_writes, "fills put an older value in place of a newer one"},
      {figures.served[Served::kFailed], "requests failed"}};
  for (const auto& [count, what] : wrongs) {
    if (count > 0) text += fmt::format("; {} {}", format_count(count), what);
  }
  return text + "\n";
}

// The load and the scenario of a cell, as flags.
std::string flags_of(const StampedeCell& cell) {
  std::string text;
  if (cell.scenario != "hot-key-expiry") text += " --scenario " + cell.scenario;
  if (!cell.fault.empty()) text += " --fault " + cell.fault;
  if (!cell.workload.empty()) text += " --workload " + cell.workload;
  if (cell.clients > 0) text += fmt::format(" --clients {}", cell.clients);
  if (cell.asked_rate) text += fmt::format(" --rate {}", *cell.asked_rate);
  if (cell.processes > 1) text += fmt::format(" --processes {}", cell.processes);
  return text + fmt::format(" --ttl {}ms", static_cast<double>(cell.ttl_ns) / 1e6);
}

std::string guards_of(const StampedeReport& report) {
  std::vector<std::string> guards;
  for (const StampedeCell& cell : report.cells) {
    std::string flag = " --guard " + cell.guard;
    if (std::find(guards.begin(), guards.end(), flag) == guards.end()) guards.push_back(flag);
  }
  return fmt::format("{}", fmt::join(guards, ""));
}

// A load that was not achieved is one for the model; its answer is to be seen on the cache itself,
// and a guard on all of the traffic.
std::string next_line(const StampedeReport& report, const StampedeCell& cell) {
  constexpr uint32_t kMostForked = 1000;
  const bool is_model = cell.time == "virtual";
  const bool is_invalid = !is_model && !cell.flags.empty();
  if (is_invalid || (is_model && cell.processes <= kMostForked)) {
    const std::string guards = is_invalid ? guards_of(report) : " --guard " + cell.guard;
    return fmt::format("next: cachegauge stampede {}{} --origin {}{}{}\n", printable(cell.adapter),
                       printable(guards), printable(cell.origin), printable(flags_of(cell)),
                       is_invalid ? " --simulate" : "");
  }
  return fmt::format("next: cachegauge run {} {} --guard {} --origin {}\n",
                     cell.workload.empty() ? "TRACE" : printable(cell.workload),
                     printable(cell.adapter), printable(cell.guard), printable(cell.origin));
}

}  // namespace

std::vector<const StampedeCell*> best_guards(const StampedeReport& report) {
  const Cells cells = comparable(report);
  return cells.size() < 2 ? Cells() : best_of(cells);
}

std::string stampede_finding(const StampedeReport& report) {
  if (report.cells.empty()) return "Nothing was measured.\n";
  std::string cells;
  for (const StampedeCell& cell : report.cells) cells += rounds_line(cell) + expiry_line(cell);
  if (cells.empty()) cells = "no expiry was seen\n";
  const Cells best = best_guards(report);
  const StampedeCell& chosen = best.empty() ? report.cells.front() : *best.front();
  const std::string_view model = chosen.time == "virtual" ? "a real cache, " : "";
  return fmt::format(
      "{}{}not measured: {}your network, your origin, which --origin stands for, and how far "
      "figures vary from run to run\n{}",
      comparison(report), cells, model, next_line(report, chosen));
}

}  // namespace cachegauge
