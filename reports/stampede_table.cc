#include "reports/stampede_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/run_figures.h"

namespace cachegauge {
namespace {

constexpr std::string_view kUnknown = "-";

std::string format_calls(double calls) { return fmt::format("{:.2f}", calls); }

std::string ns_or_unknown(const std::optional<double>& ns) {
  return ns ? format_duration(*ns) : std::string(kUnknown);
}

std::string ms_or_unknown(const std::optional<double>& ms) {
  return ns_or_unknown(ms ? std::optional(*ms * 1e6) : std::nullopt);
}

std::string percentile_text(const Histogram& histogram, double q) {
  if (histogram.empty()) return std::string(kUnknown);
  return format_duration(static_cast<double>(histogram.percentile(q)));
}

std::string share_text(const std::optional<double>& share) {
  return share ? format_percent(*share) : std::string(kUnknown);
}

std::string expected_text(const StampedeCell& cell) {
  if (!cell.expected) return std::string(kUnknown);
  const double error = 3 * cell.expected->standard_error;
  return error > 0 ? fmt::format("{:.2f} +-{:.2f}", cell.expected->origin_calls, error)
                   : format_calls(cell.expected->origin_calls);
}

struct Column {
  std::vector<std::string> heading;
  int importance;
  std::string (*text)(const StampedeCell& cell);
};

std::string calls_text(const StampedeCell& cell) {
  const auto calls = origin_calls_per_episode(cell.counts);
  return calls ? format_calls(calls->mean) : std::string(kUnknown);
}

std::string most_text(const StampedeCell& cell) {
  const auto calls = origin_calls_per_episode(cell.counts);
  return calls ? format_count(calls->most) : std::string(kUnknown);
}

const std::vector<Column>& columns() {
  static const std::vector<Column> all = {
      {{"origin calls", "per expiry"}, 100, calls_text},
      {{"theory", "(3 errors)"}, 90, expected_text},
      {{"most"}, 60, most_text},
      {{"peak at", "origin"},
       80,
       [](const StampedeCell& c) { return format_count(c.counts.peak_origin_concurrency); }},
      {{"p50 in", "window"},
       50,
       [](const StampedeCell& c) { return percentile_text(c.counts.response_in_window_ns, 0.5); }},
      {{"p99 in", "window"},
       70,
       [](const StampedeCell& c) { return percentile_text(c.counts.response_in_window_ns, 0.99); }},
      {{"blocked"},
       65,
       [](const StampedeCell& c) { return share_text(blocked_share(c.counts.served)); }},
      {{"stale"},
       64,
       [](const StampedeCell& c) { return share_text(share_of(c.counts.served, Served::kStale)); }},
      {{"recovered", "after"},
       55,
       [](const StampedeCell& c) { return ns_or_unknown(mean_time_to_recover_ns(c.counts)); }},
      {{"hits back", "after"},
       58,
       [](const StampedeCell& c) {
         return ms_or_unknown(recovery_of(c.counts.series).hit_ratio_ms);
       }},
      {{"p99 back", "after"},
       57,
       [](const StampedeCell& c) { return ms_or_unknown(recovery_of(c.counts.series).p99_ms); }},
      {{"failed"},
       40,
       [](const StampedeCell& c) { return format_count(c.counts.served[Served::kFailed]); }},
  };
  return all;
}

TextTable make_table(const StampedeReport& report) {
  TextTable table;
  table.heading = "adapter, guard";
  for (const Column& column : columns()) {
    table.columns.push_back(
        {column.heading, column.importance, fmt::format("{}", fmt::join(column.heading, " "))});
  }
  for (const StampedeCell& cell : report.cells) {
    TextRow row{printable(cell.adapter + "  " + cell.guard), {}, {}};
    for (const Column& column : columns()) row.cells.push_back({column.text(cell), "", false});
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::string load_text(const StampedeCell& cell) {
  const std::string rate = format_rate(achieved_rate(cell.counts)) + " requests/s";
  const std::string latency = cell.counts.origin_ns.empty()
                                  ? std::string(kUnknown)
                                  : format_duration(cell.counts.origin_ns.mean());
  std::string what = printable(cell.scenario);
  if (!cell.fault.empty()) what += " with " + printable(cell.fault);
  if (cell.keys > 1) what += fmt::format(", {} keys", format_count(cell.keys));
  if (!cell.workload.empty()) what += " of " + printable(cell.workload);
  return fmt::format("{}: {} achieved, origin {}, TTL {}, {} time", what, rate, latency,
                     format_duration(static_cast<double>(cell.ttl_ns)), cell.time);
}

// Beyond three standard errors, and more than rounding.
bool is_off(const StampedeCell& cell) {
  const auto calls = origin_calls_per_episode(cell.counts);
  if (!calls || !cell.expected) return false;
  const double off = std::abs(calls->mean - cell.expected->origin_calls);
  return off > 3 * cell.expected->standard_error + 0.005;
}

std::string rounds_text(const StampedeCell& cell) {
  const auto calls = origin_calls_per_round(cell.counts);
  if (!calls) return {};
  return fmt::format("{} {}: {} origin calls a round of {}, at most {}; {} at once\n",
                     printable(cell.adapter), printable(cell.guard), format_calls(calls->mean),
                     printable(cell.scenario), format_count(calls->most),
                     format_count(cell.counts.peak_origin_concurrency));
}

}  // namespace

std::string stampede_table(const StampedeReport& report, const TextTableStyle& style) {
  std::string text;
  if (report.interrupted) text += "interrupted: what was measured until then\n\n";
  if (!report.cells.empty()) text += load_text(report.cells.front()) + "\n\n";
  const TextTable::Rendered rendered = make_table(report).render(style);
  text += rendered.text + "\n";
  if (!rendered.left_out.empty()) {
    text += fmt::format("no room for {} (a wider terminal or the report shows more)\n",
                        fmt::join(rendered.left_out, ", "));
  }
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  for (const StampedeCell& cell : report.cells) {
    for (const std::string& warning : cell.warnings) {
      text += fmt::format("warning: {} {}: {}\n", printable(cell.adapter), printable(cell.guard),
                          printable(warning));
    }
  }
  return text;
}

std::string stampede_finding(const StampedeReport& report) {
  std::string text;
  for (const StampedeCell& cell : report.cells) {
    text += rounds_text(cell);
    const auto calls = origin_calls_per_episode(cell.counts);
    if (!calls) continue;
    text += fmt::format("{} {}: {} origin calls an expiry over {} episodes, {} of them wasted",
                        printable(cell.adapter), printable(cell.guard), format_calls(calls->mean),
                        format_count(cell.counts.episodes.size()),
                        format_count(wasted_calls(cell.counts)));
    if (is_off(cell)) text += fmt::format("; theory has {}", expected_text(cell));
    text += "\n";
  }
  if (text.empty()) return {};
  text += "not measured: your network and your origin, which --origin stands for\n";
  const bool is_virtual = report.cells.front().time == "virtual";
  text += is_virtual ? "next: the same without --simulate, on the real cache\n"
                     : "next: the same with --simulate, at the rates this machine cannot reach\n";
  return text;
}

}  // namespace cachegauge
