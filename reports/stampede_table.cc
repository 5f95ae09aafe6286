#include "reports/stampede_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/markdown_parts.h"
#include "reports/run_figures.h"
#include "reports/stampede_finding.h"
#include "reports/stampede_text.h"

namespace cachegauge {
namespace {

using Cell = StampedeCell;

struct StampedeColumn {
  std::vector<std::string> heading;
  int importance;
  std::string (*text)(const Cell& cell);
};

std::string calls_text(const Cell& cell) {
  const auto calls = cell.figures.calls();
  return calls ? calls_with_error(calls->mean, calls->standard_error) : std::string(kUnknownFigure);
}

std::string most_text(const Cell& cell) {
  const auto calls = cell.figures.calls();
  return calls ? format_count(calls->most) : std::string(kUnknownFigure);
}

std::string calls_of_rounds_text(const Cell& cell) {
  const auto calls = cell.figures.calls_of_rounds();
  return calls ? calls_with_error(calls->mean, calls->standard_error) : std::string(kUnknownFigure);
}

const std::vector<StampedeColumn>& stampede_columns() {
  static const std::vector<StampedeColumn> all = {
      {{"flags"},
       95,
       [](const Cell& c) {
         return c.flags.empty() ? std::string(kUnknownFigure)
                                : printable(fmt::format("{}", fmt::join(c.flags, " ")));
       }},
      {{"origin calls", "per expiry"}, 100, calls_text},
      {{"theory", "(3 errors)"}, 90, expected_calls_text},
      {{"origin calls", "a round"}, 89, calls_of_rounds_text},
      {{"most"}, 60, most_text},
      {{"wasted"}, 54, [](const Cell& c) { return format_count(c.figures.wasted_calls()); }},
      {{"peak at", "origin"},
       80,
       [](const Cell& c) { return format_count(c.figures.peak_origin_concurrency); }},
      {{"p50 in", "window"},
       50,
       [](const Cell& c) { return percentile_text(c.figures.response_in_window_ns, 0.5); }},
      {{"p99 in", "window"},
       70,
       [](const Cell& c) { return percentile_text(c.figures.response_in_window_ns, 0.99); }},
      {{"max in", "window"},
       49,
       [](const Cell& c) { return percentile_text(c.figures.response_in_window_ns, 1); }},
      {{"blocked"},
       65,
       [](const Cell& c) { return share_or_unknown(blocked_share(c.figures.served)); }},
      {{"stale"},
       64,
       [](const Cell& c) { return share_or_unknown(share_of(c.figures.served, Served::kStale)); }},
      {{"failed"},
       85,
       [](const Cell& c) { return format_count(c.figures.served[Served::kFailed]); }},
      {{"double", "holders"},
       63,
       [](const Cell& c) { return format_count(c.figures.double_holders); }},
      {{"late stale", "writes"},
       62,
       [](const Cell& c) { return format_count(c.figures.late_stale_writes); }},
      {{"window"}, 45, [](const Cell& c) { return ms_text(c.figures.window_ms); }},
      {{"window in", "theory"}, 61, [](const Cell& c) { return ms_text(c.expected_window_ms); }},
      {{"recovered", "after"},
       55,
       [](const Cell& c) { return ms_text(c.figures.time_to_recover_ms); }},
      {{"hits back", "after"},
       58,
       [](const Cell& c) { return ms_text(c.figures.recovery.hit_ratio_ms); }},
      {{"p99 back", "after"}, 57, [](const Cell& c) { return ms_text(c.figures.recovery.p99_ms); }},
      {{"achieved", "requests/s"}, 47, [](const Cell& c) { return format_rate(c.figures.rate); }},
      {{"achieved", "origin"},
       46,
       [](const Cell& c) { return ms_text(c.figures.origin_latency_ms()); }},
  };
  return all;
}

bool tells_something(const StampedeReport& report, const StampedeColumn& column) {
  return std::any_of(report.cells.begin(), report.cells.end(), [&](const Cell& cell) {
    const std::string text = column.text(cell);
    return text != kUnknownFigure && text != "0" && text != "0.00%";
  });
}

}  // namespace

std::string stampede_heading(const StampedeReport& report) {
  if (report.cells.empty()) return {};
  const Cell& cell = report.cells.front();
  std::string what = printable(cell.scenario);
  if (!cell.fault.empty()) what += " with " + printable(cell.fault);
  if (cell.keys > 1) what += fmt::format(", {} keys", format_count(cell.keys));
  if (!cell.workload.empty()) what += " of " + printable(cell.workload);
  return fmt::format("{}: {} requests/s achieved, origin {}, TTL {}, {} time", what,
                     format_rate(cell.figures.rate), ms_text(cell.figures.origin_latency_ms()),
                     format_duration(static_cast<double>(cell.ttl_ns)), cell.time);
}

TextTable stampede_figures_table(const StampedeReport& report, int least_importance) {
  TextTable table;
  table.heading = "adapter, guard";
  for (const Cell& cell : report.cells) {
    table.rows.push_back({printable(cell.adapter + "  " + cell.guard), {}, {}});
  }
  for (const StampedeColumn& column : stampede_columns()) {
    if (column.importance < least_importance || !tells_something(report, column)) continue;
    table.columns.push_back(
        {column.heading, column.importance, fmt::format("{}", fmt::join(column.heading, " "))});
    for (size_t i = 0; i < report.cells.size(); ++i) {
      table.rows[i].cells.push_back({column.text(report.cells[i]), "", false});
    }
  }
  return table;
}

std::string stampede_table(const StampedeReport& report, const TextTableStyle& style) {
  std::string text;
  if (report.interrupted) text += "interrupted: what was measured until then\n\n";
  if (report.cells.empty()) return text;
  text += stampede_heading(report) + "\n\n";
  const TextTable::Rendered rendered = stampede_figures_table(report).render(style);
  text += rendered.text + "\n";
  if (!rendered.left_out.empty()) {
    text += fmt::format("no room for {} (a wider terminal or the report shows more)\n",
                        fmt::join(rendered.left_out, ", "));
  }
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  for (const Cell& cell : report.cells) {
    for (const std::string& warning : cell.warnings) {
      text += fmt::format("warning: {} {}: {}\n", printable(cell.adapter), printable(cell.guard),
                          printable(warning));
    }
  }
  return text;
}

std::string stampede_markdown(const StampedeReport& report) {
  constexpr int kShort = 64;
  if (report.cells.empty()) return markdown_paragraphs(stampede_finding(report));
  std::string details = markdown_table(stampede_figures_table(report));
  for (const Cell& cell : report.cells) {
    if (!cell.expected) continue;
    details += markdown_paragraphs(fmt::format("theory of {} {}: {}", printable(cell.adapter),
                                               printable(cell.guard), cell.expected->formula));
  }
  return markdown_paragraphs(stampede_heading(report)) +
         markdown_table(stampede_figures_table(report, kShort)) +
         markdown_paragraphs(stampede_finding(report)) +
         markdown_details("All figures", details + markdown_machine(report.context));
}

}  // namespace cachegauge
