#include "reports/simulation_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/core/units.h"
#include "reports/curve_report.h"
#include "reports/run_figures.h"
#include "reports/simulation_series.h"

namespace cachegauge {
namespace {

// A figure of a result, and how it is shown.
struct Figure {
  std::string_view name;
  std::optional<double> (*value)(const SimulationReport& report, const SimulationResult& result);
  FigureFormat format = format_percent;
  std::optional<double> SimulationResult::*error = nullptr;
  bool less_is_better = false;
};

constexpr Figure kHitRatioFigure = {
    .name = "hit ratio",
    .value = [](const SimulationReport&, const SimulationResult& r) { return hit_ratio(r.counts); },
    .error = &SimulationResult::miss_ratio_error};
constexpr Figure kByteHitRatio = {
    .name = "byte hit ratio",
    .value = [](const SimulationReport&,
                const SimulationResult& r) { return byte_hit_ratio(r.counts); },
    .error = &SimulationResult::byte_miss_ratio_error};
constexpr Figure kMeanResponse = {
    .name = "mean response",
    .value = [](const SimulationReport& report,
                const SimulationResult& r) { return report.mean_response_ns(r); },
    .format = format_duration,
    .less_is_better = true};

bool is_limited(const SimulationResult& result) { return !result.size.empty(); }

// In order of first appearance.
void add_once(std::vector<std::string>& texts, const std::string& text) {
  if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
}

std::vector<std::string> sizes_of(const SimulationReport& report) {
  std::vector<std::string> sizes;
  for (const SimulationResult& result : report.results) {
    if (is_limited(result)) add_once(sizes, result.size);
  }
  return sizes;
}

const SimulationResult* find(const SimulationReport& report, const std::string& policy,
                             const std::string& size) {
  for (const SimulationResult& result : report.results) {
    if (result.policy == policy && (!is_limited(result) || result.size == size)) return &result;
  }
  return nullptr;
}

// Null where fewer than two can be compared, or all are alike.
std::optional<double> best_of(const SimulationReport& report, const std::string& size,
                              const Figure& figure) {
  std::optional<double> most, least;
  for (const SimulationResult& result : report.results) {
    const auto value = figure.value(report, result);
    if (result.size != size || result.offline || !value) continue;
    most = std::max(most.value_or(*value), *value);
    least = std::min(least.value_or(*value), *value);
  }
  if (most == least) return std::nullopt;
  return figure.less_is_better ? least : most;
}

std::vector<std::string> heading_of(const SimulationReport& report, const std::string& size) {
  for (const SimulationResult& result : report.results) {
    if (result.size != size || !result.capacity_objects) continue;
    const std::string entries = format_count(*result.capacity_objects);
    return {size, size.ends_with('%') ? "= " + entries : "entries"};
  }
  return {size, "bytes"};
}

TextCell make_cell(const SimulationReport& report, const std::string& policy,
                   const std::string& size, const Figure& figure) {
  const SimulationResult* result = find(report, policy, size);
  const auto value = result ? figure.value(report, *result) : std::nullopt;
  if (!value) return {"-", "", false};
  const bool best =
      is_limited(*result) && !result->offline && value == best_of(report, size, figure);
  std::string error;
  if (figure.error && result->*figure.error) {
    error = "± " + figure.format(*(result->*figure.error));
  }
  return {figure.format(*value), error, best};
}

TextTable make_table(const SimulationReport& report, const Figure& figure) {
  TextTable table;
  table.heading = figure.name;
  std::vector<std::string> sizes = sizes_of(report);
  int importance = 1000;  // the last sizes are left out first
  for (const std::string& size : sizes) {
    table.columns.push_back({heading_of(report, size), importance--, size});
  }
  if (sizes.empty()) {
    table.columns.push_back({{"no limit"}, importance, "no limit"});
    sizes.push_back("");
  }
  std::vector<std::string> policies;
  for (const SimulationResult& result : report.results) add_once(policies, result.policy);
  for (const std::string& policy : policies) {
    TextRow row{printable(policy), {}, {}};
    for (const std::string& size : sizes) {
      row.cells.push_back(make_cell(report, policy, size, figure));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string render(const TextTable& table, const TextTableStyle& style) {
  const TextTable::Rendered rendered = table.render(style);
  std::string text = rendered.text + "\n";
  if (!rendered.left_out.empty()) {
    text += fmt::format("no room for {} (a wider terminal or the report shows more)\n\n",
                        fmt::join(rendered.left_out, ", "));
  }
  return text;
}

bool bytes_differ(const SimulationReport& report) {
  return std::any_of(report.results.begin(), report.results.end(), [](const auto& result) {
    const auto by_bytes = byte_hit_ratio(result.counts), by_gets = hit_ratio(result.counts);
    return by_bytes && by_gets && format_percent(*by_bytes) != format_percent(*by_gets);
  });
}

// The best of what a cache can do; null without any.
const SimulationResult* best_of_all(const SimulationReport& report) {
  const SimulationResult* best = nullptr;
  for (const SimulationResult& result : report.results) {
    const auto value = hit_ratio(result.counts);
    if (!is_limited(result) || result.offline || !value) continue;
    if (!best || *value > *hit_ratio(best->counts)) best = &result;
  }
  return best;
}

// How near it comes to the policies of its size that know the future.
std::string beside_the_future(const SimulationReport& report, const SimulationResult& best) {
  std::string text;
  for (const SimulationResult& result : report.results) {
    if (!result.offline || result.size != best.size || result.counts.hits == 0) continue;
    text += fmt::format("{} at {} has {} of the hits of {}, which knows the future\n",
                        printable(best.policy), best.size,
                        format_percent(static_cast<double>(best.counts.hits) /
                                       static_cast<double>(result.counts.hits)),
                        printable(result.policy));
  }
  return text;
}

std::string cost(const SimulationReport& report) {
  uint64_t requests = 0;
  int64_t cpu_ns = 0;
  for (const SimulationResult& result : report.results) {
    requests += result.simulated;
    cpu_ns += result.cpu_ns;
  }
  std::string text = fmt::format("read in {}, keys numbered in {}",
                                 format_duration(static_cast<double>(report.decode_ns)),
                                 format_duration(static_cast<double>(report.intern_ns)));
  for (const MissRatioCurve& curve : report.curves) {
    text += fmt::format("; curve of {} in {} of CPU", printable(curve.policy),
                        format_duration(static_cast<double>(curve.cpu_ns)));
  }
  if (cpu_ns > 0) {
    text += fmt::format(
        "; {} simulation{} in {} of CPU, {} requests/s", report.results.size(),
        report.results.size() == 1 ? "" : "s", format_duration(static_cast<double>(cpu_ns)),
        format_rate(static_cast<double>(requests) / static_cast<double>(cpu_ns) * 1e9));
  }
  return text + "\n";
}

}  // namespace

std::string simulation_heading(const SimulationReport& report) {
  std::string text =
      fmt::format("{}: {}, {}, footprint {}; fills {}\n", printable(report.workload_label),
                  format_counted(report.workload.requests, "request"),
                  format_counted(report.workload.unique_keys, "key"),
                  format_size(report.footprint_bytes), report.fills);
  if (report.sample) {
    text +=
        fmt::format("estimated from {} of {}, a sample of {:.3g}% (± one standard error)\n",
                    format_counted(report.sample->requests, "request"),
                    format_counted(report.sample->unique_keys, "key"), report.sample->rate * 100);
  }
  return text;
}

std::vector<TextTable> simulation_tables(const SimulationReport& report) {
  if (report.results.empty()) return {};
  std::vector<TextTable> tables = {make_table(report, kHitRatioFigure)};
  if (bytes_differ(report)) tables.push_back(make_table(report, kByteHitRatio));
  if (report.origin_ns) tables.push_back(make_table(report, kMeanResponse));
  return tables;
}

std::string simulation_table(const SimulationReport& report, const TextTableStyle& style) {
  std::string text;
  if (report.interrupted) text += "interrupted: what was simulated until then\n\n";
  text += simulation_heading(report) + "\n";
  for (const TextTable& table : simulation_tables(report)) text += render(table, style);
  text += series_lines(report, style);
  text += curve_lines(report, style);
  if (!report.results.empty() || !report.curves.empty()) text += cost(report);
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  return text;
}

std::string simulation_finding(const SimulationReport& report) {
  if (report.results.empty() && report.curves.empty()) return {};
  const uint64_t gets =
      report.results.empty() ? report.curves.front().gets : report.results.front().counts.gets;
  std::string text;
  if (gets > 0) {
    const double most =
        1 - static_cast<double>(report.compulsory_misses) / static_cast<double>(gets);
    text += fmt::format(
        "no cache can do better than {}: {} of {} gets are the first of their key\n",
        format_percent(most), format_count(report.compulsory_misses), format_count(gets));
  }
  const SimulationResult* best = best_of_all(report);
  if (best) text += beside_the_future(report, *best);
  if (best && report.origin_ns) {
    const SimulationCounts& c = best->counts;
    text += fmt::format(
        "{} at {} asks the origin {} times: {} of its {} misses wait for one that is under way\n",
        printable(best->policy), best->size, format_count(c.misses - c.delayed_hits),
        format_count(c.delayed_hits), format_count(c.misses));
  }
  text +=
      report.origin_ns
          ? "not measured: memory, and how the cache's and the origin's times vary (`cachegauge "
            "run` does)\n"
          : "not measured: latency, memory and the load of an origin (`cachegauge run` does)\n";
  if (best) {
    const std::string bound = best->capacity_bytes
                                  ? fmt::format("capacity={}", *best->capacity_bytes)
                                  : fmt::format("entries={}", *best->capacity_objects);
    const char joint = best->params.empty() ? ':' : ',';
    text += fmt::format("next: cachegauge run {} {}{}{}\n", printable(report.workload.given),
                        printable(best->policy), joint, bound);
  }
  return text;
}

}  // namespace cachegauge
