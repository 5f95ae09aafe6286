#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/escape.h"
#include "reports/fault_sentences.h"
#include "reports/run_comparison.h"
#include "reports/run_costs.h"
#include "reports/run_figures.h"
#include "reports/run_table.h"

namespace cachegauge {
namespace {

using Cells = std::vector<const ComparedCell*>;

constexpr std::string_view kHitRatio = "hit_ratio";
constexpr std::string_view kGetP50 = "service_time_ns.get.p50";
constexpr std::string_view kGetP99 = "service_time_ns.get.p99";

bool contains(const Cells& cells, const ComparedCell* cell) {
  return std::find(cells.begin(), cells.end(), cell) != cells.end();
}

std::string figure(const ComparedCell& cell, std::string_view metric, FigureFormat format) {
  return format(cell.find(metric)->median);
}

// "a, b and c"
std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
    text += words[i];
  }
  return text;
}

std::vector<std::string> names(const Cells& cells) {
  std::vector<std::string> out;
  for (const ComparedCell* cell : cells) out.push_back(printable(cell->name));
  return out;
}

// "lru 73.48%, fifo 69.92%"
std::string ratios(const Cells& cells) {
  std::vector<std::string> out;
  for (const ComparedCell* cell : cells) {
    out.push_back(printable(cell->name) + " " + figure(*cell, kHitRatio, format_percent));
  }
  return fmt::format("{}", fmt::join(out, ", "));
}

// What caches without a bound reached, where bounded ones were compared.
std::string ceiling(const ComparedWorkload& workload, const Cells& compared) {
  for (const ComparedCell& cell : workload.cells) {
    if (cell.is_comparable() && cell.complete && !cell.cell->adapter_bounded &&
        !contains(compared, &cell) && cell.find(kHitRatio)) {
      return fmt::format("; with room for everything it is {} ({})",
                         figure(cell, kHitRatio, format_percent), printable(cell.name));
    }
  }
  return {};
}

std::string hit_ratio_sentence(const ComparedWorkload& workload) {
  const Cells cells = candidates(workload, kHitRatio);
  if (cells.empty()) return "No cell answered a get from its cache: there is nothing to compare.";
  const Cells best = best_of(workload, kHitRatio, Better::kHigher);
  if (best.empty()) {
    return fmt::format("Hit ratio{}: {}{}.", cells.front()->complete ? "" : " until then",
                       ratios(cells), ceiling(workload, cells));
  }
  Cells rest;
  std::copy_if(cells.begin(), cells.end(), std::back_inserter(rest),
               [&](const ComparedCell* cell) { return !contains(best, cell); });
  const std::string value = figure(*best.front(), kHitRatio, format_percent);
  std::string text = best.size() == 1
                         ? fmt::format("{} had the best hit ratio, {}", names(best)[0], value)
                         : fmt::format("{} had {} hit ratio, {}", list(names(best)),
                                       rest.empty() ? "the same" : "the best", value);
  if (!rest.empty()) text += fmt::format(" ({})", ratios(rest));
  return text + ceiling(workload, cells) + ".";
}

// What the ratios mean for the origin: its calls, or the misses if there was none.
std::string origin_sentence(const ComparedWorkload& workload) {
  const Cells best = best_of(workload, kHitRatio, Better::kHigher);
  const Cells cells = candidates(workload, kHitRatio);
  if (best.empty() || best.size() == cells.size()) return {};
  const ComparedCell& first = *best.front();
  const ComparedCell& last = *cells.back();
  const Summary* calls = first.find("origin.calls");
  const bool had_origin = calls && calls->median > 0;
  const std::string_view metric = had_origin ? "origin.calls" : "misses";
  return fmt::format("{} left {} {}, {} {}.", names(best)[0], figure(first, metric, format_whole),
                     had_origin ? "calls to the origin" : "misses", printable(last.name),
                     figure(last, metric, format_whole));
}

// What the cache takes off a real origin, and what that says itself.
std::string relief_sentence(const ComparedWorkload& workload) {
  constexpr std::string_view kOfOthersToo = "database_";
  std::vector<std::string> parts;
  for (const ComparedCell& cell : workload.cells) {
    std::vector<std::string> counts;
    for (const OriginFigure& own : cell.cell->result.origin_statistics) {
      const std::string metric = "origin.statistics." + own.name;
      if (own.name.starts_with(kOfOthersToo) || !cell.find(metric)) continue;
      std::string name = printable(own.name);
      std::ranges::replace(name, '_', ' ');
      counts.push_back(fmt::format("{} {}", figure(cell, metric, format_whole), name));
    }
    if (counts.empty() || !cell.has_figures() || !cell.find("origin.relief")) continue;
    parts.push_back(fmt::format("{} took {} of the gets off it ({})", printable(cell.name),
                                figure(cell, "origin.relief", format_percent),
                                fmt::join(counts, ", ")));
  }
  if (parts.empty()) return {};
  return fmt::format("The origin, by its own statistics: {}.", fmt::join(parts, "; "));
}

std::string speed_sentence(const ComparedWorkload& workload) {
  Cells cells = candidates(workload, kGetP50);
  if (cells.empty()) return {};
  if (const ComparedCell* fastest = clear_best(workload, kGetP50, Better::kLower)) {
    return fmt::format("{} answered gets fastest: p50 {}, p99 {}.", printable(fastest->name),
                       figure(*fastest, kGetP50, format_duration),
                       figure(*fastest, kGetP99, format_duration));
  }
  if (cells.size() == 1) {
    return fmt::format("Its gets took {} at the median, {} at p99.",
                       figure(*cells[0], kGetP50, format_duration),
                       figure(*cells[0], kGetP99, format_duration));
  }
  const auto [low, high] =
      std::minmax_element(cells.begin(), cells.end(), [](const auto* a, const auto* b) {
        return a->find(kGetP50)->median < b->find(kGetP50)->median;
      });
  if (figure(**low, kGetP50, format_duration) == figure(**high, kGetP50, format_duration)) {
    return fmt::format("The median get took {}.", figure(**low, kGetP50, format_duration));
  }
  return fmt::format("The median get took from {} ({}) to {} ({}).",
                     figure(**low, kGetP50, format_duration), printable((*low)->name),
                     figure(**high, kGetP50, format_duration), printable((*high)->name));
}

// What the search for the highest rate under --slo came to.
std::string capacity_sentence(const ComparedWorkload& workload) {
  std::vector<std::string> parts;
  for (const ComparedCell& cell : workload.cells) {
    const auto& capacity = cell.cell->result.capacity;
    if (!capacity || !cell.has_figures()) continue;
    const Summary* rate = cell.find("capacity.rate_rps");
    if (!rate) {
      parts.push_back(fmt::format("{} kept {} at no rate that was tried", printable(cell.name),
                                  printable(capacity->slo)));
      continue;
    }
    parts.push_back(fmt::format("{} kept {} up to {} requests/s", printable(cell.name),
                                printable(capacity->slo), format_rate(rate->median)));
    if (!capacity->limited_by.empty()) {
      parts.back() += fmt::format(" (above that the {} gave out)", capacity->limited_by);
    }
  }
  return parts.empty() ? std::string() : fmt::format("{}.", fmt::join(parts, "; "));
}

std::string failure_sentence(const ComparedWorkload& workload) {
  Cells failed;
  for (const ComparedCell& cell : workload.cells) {
    if (!cell.has_figures()) failed.push_back(&cell);
  }
  return failed.empty() ? std::string() : fmt::format("{} failed.", list(names(failed)));
}

std::string setting_of(const CellReport& cell, std::string_view name) {
  for (const Spec::Param& setting : cell.result.adapter_settings) {
    if (setting.name == name) return setting.value;
  }
  return {};
}

// Servers on this machine, and how they were reached.
std::string network_gap(const RunReport& report) {
  std::vector<std::string> on_unix, on_tcp;
  for (const CellReport& cell : report.cells) {
    const std::string connection = setting_of(cell, "connection");
    const bool is_local = connection.starts_with("unix") || setting_of(cell, "server") == "private";
    if (!is_local || connection.empty()) continue;
    auto& names = connection.starts_with("unix") ? on_unix : on_tcp;
    if (std::find(names.begin(), names.end(), cell.label.adapter) == names.end()) {
      names.push_back(cell.label.adapter);
    }
  }
  std::vector<std::string> parts;
  if (!on_unix.empty()) parts.push_back(list(on_unix) + " answered over a unix socket");
  if (!on_tcp.empty()) parts.push_back(list(on_tcp) + " answered over the loopback");
  if (parts.empty()) return {};
  return fmt::format("your network ({} on this machine)", printable(list(parts)));
}

std::string origin_gap(const CellReport& cell) {
  if (cell.origin.empty()) return "what a miss costs (no origin: --origin 50ms simulates one)";
  if (cell.origin.starts_with("sleep")) {
    return fmt::format("your origin (simulated: {})", printable(cell.origin));
  }
  return {};
}

std::string not_measured(const RunReport& report, const std::vector<ComparedWorkload>& workloads) {
  const CellReport& cell = report.cells.front();
  std::vector<std::string> gaps = {network_gap(report), origin_gap(cell)};
  if (cell.driver.starts_with("closed")) {
    gaps.push_back(
        fmt::format("queueing at your request rate ({}: each client waits for its reply)",
                    printable(cell.driver)));
  }
  const Summary* gets = workloads.front().cells.front().find("gets");
  if (gets && gets->n == 1) gaps.push_back("how times vary (one repetition)");
  std::erase(gaps, "");
  return gaps.empty() ? std::string() : fmt::format("not measured: {}\n", fmt::join(gaps, "; "));
}

struct NextStep {
  Cells cells;
  std::string flags;
};

// The first of the flags that this run did not have.
std::string new_flag(const RunReport& report, std::initializer_list<std::string_view> flags) {
  for (std::string_view flag : flags) {
    const std::string name = fmt::format(" {} ", flag.substr(0, flag.find(' ')));
    if (fmt::format(" {} ", report.flags_to_repeat).find(name) == std::string::npos) {
      return std::string(flag);
    }
  }
  return {};
}

Cells closed_loop_servers(const ComparedWorkload& workload) {
  Cells servers;
  for (const ComparedCell& cell : workload.cells) {
    const bool closed = cell.cell->driver.starts_with("closed");
    if (closed && cell.complete && !setting_of(*cell.cell, "connection").empty())
      servers.push_back(&cell);
  }
  return servers;
}

// An interrupted run again, but shorter; what failed again; several servers at one
// rate; the two best often enough to tell them
// apart; the best in another situation.
NextStep next_step(const RunReport& report, const ComparedWorkload& workload) {
  NextStep step;
  const Cells servers = closed_loop_servers(workload);
  for (const ComparedCell& cell : workload.cells) {
    if (report.interrupted || !cell.has_figures()) step.cells.push_back(&cell);
  }
  if (report.interrupted) step.flags = new_flag(report, {"--duration 10s"});
  if (!step.cells.empty()) return step;
  // Faster servers get more requests out of a closed loop: only at one rate are they compared.
  if (servers.size() > 1) {
    step.cells = servers;
    step.flags = new_flag(report, {"--rate auto"});
    return step;
  }
  step.cells = candidates(workload, kHitRatio);
  if (step.cells.empty()) return step;
  const bool enough = step.cells.front()->find(kHitRatio)->n >= 3;
  step.cells.resize(std::min<size_t>(step.cells.size(), enough ? 1 : 2));
  if (!enough) {
    step.flags = "--repeat 5";
  } else if (step.cells.front()->cell->origin.empty()) {
    step.flags = "--origin 50ms";
  } else {
    step.flags = new_flag(report, {"--clients 8", "--warmup 10%", "--repeat 10"});
  }
  return step;
}

std::string next_command(const RunReport& report, const ComparedWorkload& workload) {
  const NextStep step = next_step(report, workload);
  if (step.cells.empty()) return {};
  const WorkloadFacts& facts = step.cells[0]->cell->workload;
  std::string text =
      "next: cachegauge run " + shell_word(facts.given.empty() ? facts.spec : facts.given);
  std::vector<std::string> adapters;
  for (const ComparedCell* cell : step.cells) {
    const std::string adapter = shell_word(cell->cell->adapter_spec);
    if (std::find(adapters.begin(), adapters.end(), adapter) == adapters.end()) {
      adapters.push_back(adapter);
    }
  }
  for (const std::string& word : adapters) text += " " + word;
  for (const std::string& flags : {report.flags_to_repeat, step.flags}) {
    if (!flags.empty()) text += " " + flags;
  }
  return printable(text) + "\n";
}

}  // namespace

std::string run_finding(const RunReport& report) {
  const std::vector<ComparedWorkload> workloads = compare_run(report);
  if (workloads.empty()) return "Nothing was measured.\n";
  std::string out;
  for (const ComparedWorkload& workload : workloads) {
    if (workloads.size() > 1) {
      out += printable(workload.cells.front().cell->label.workload) + ": ";
    }
    std::vector<std::string> sentences = {capacity_sentence(workload), hit_ratio_sentence(workload),
                                          origin_sentence(workload), relief_sentence(workload),
                                          speed_sentence(workload)};
    std::ranges::move(cost_sentences(workload), std::back_inserter(sentences));
    sentences.push_back(failure_sentence(workload));
    bool first = true;
    for (const std::string& sentence : sentences) {
      if (sentence.empty()) continue;
      out += (first ? "" : " ") + sentence;
      first = false;
    }
    out += "\n";
  }
  return out + fault_sentences(report) + not_measured(report, workloads) +
         next_command(report, workloads.front());
}

}  // namespace cachegauge
