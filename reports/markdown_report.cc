// GitHub-flavoured Markdown for a pull request.
#include <fmt/format.h>

#include "harness/core/units.h"
#include "reports/class_table.h"
#include "reports/escape.h"
#include "reports/markdown_parts.h"
#include "reports/micro_table.h"
#include "reports/report_formats.h"
#include "reports/report_hazards.h"
#include "reports/run_columns.h"
#include "reports/run_comparison.h"
#include "reports/run_figures.h"
#include "reports/run_table.h"
#include "reports/sizing_markdown.h"
#include "reports/stampede_table.h"

namespace cachegauge {
namespace {

// Columns as important as this are shown at once, all of them in the details.
constexpr int kShort = 70;

std::string figure(const Summary& summary, const RunColumn& column, bool is_best, bool details) {
  std::string text = column.format(summary.median);
  if (is_best) text = fmt::format("**{}**", text);
  const std::string range = format_range(summary, column.format);
  return details && !range.empty() ? fmt::format("{} ({})", text, range) : text;
}

bool is_shown(const RunColumn& column, const ComparedWorkload& workload, bool details) {
  if (says_nothing(column, workload)) return false;
  if (details || column.importance >= kShort) return true;
  if (column.metric != "errors") return false;
  for (const ComparedCell& cell : workload.cells) {
    const Summary* errors = cell.find("errors");
    if (errors && errors->high > 0) return true;
  }
  return false;
}

std::string table(const ComparedWorkload& workload, bool details) {
  std::vector<std::string> heading = {"adapter"};
  std::vector<std::vector<std::string>> rows;
  for (const ComparedCell& cell : workload.cells) {
    rows.push_back({markdown_text(cell.name)});
    if (!cell.complete) rows.back()[0] += cell.has_figures() ? " (interrupted)" : " (failed)";
  }
  for (const RunColumn& column : run_columns()) {
    if (!is_shown(column, workload, details)) continue;
    heading.emplace_back(column.name);
    const ComparedCell* best =
        column.better ? clear_best(workload, column.metric, *column.better) : nullptr;
    for (size_t i = 0; i < rows.size(); ++i) {
      const ComparedCell& cell = workload.cells[i];
      const Summary* s = cell.has_figures() ? cell.find(column.metric) : nullptr;
      rows[i].push_back(s ? figure(*s, column, best == &cell, details) : "-");
    }
  }
  std::string out = markdown_row(heading) + markdown_rule(heading.size());
  for (const auto& cells : rows) out += markdown_row(cells);
  return out + "\n";
}

std::string by_class(const ComparedWorkload& workload) {
  const TextTable classes = class_table(workload);
  return classes.rows.empty() ? std::string() : markdown_table(classes);
}

std::string hazards_block(const NamedReport& named) {
  const std::vector<Hazard> hazards = report_hazards(named);
  if (hazards.empty()) return {};
  std::string out = fmt::format("> **Read with care: {}**\n>\n", count_hazards(hazards));
  for (const Hazard& hazard : hazards) {
    out += fmt::format("> - {}: {}\n", hazard.kind, markdown_text(hazard.text));
  }
  return out + "\n";
}

std::string workload_line(const ComparedWorkload& workload) {
  const CellReport& cell = *workload.cells.front().cell;
  std::string text = "**" + markdown_text(cell.label.workload) + "**";
  if (cell.workload.requests > 0) {
    text += fmt::format(", {}, {}", format_counted(cell.workload.requests, "request"),
                        format_counted(cell.workload.unique_keys, "key"));
  }
  if (!cell.origin.empty()) text += ", origin " + markdown_text(cell.origin);
  return text + "\n\n";
}

std::string markdown(const NamedReport& named) {
  const RunReport& report = named.report;
  std::string out = fmt::format("### cachegauge: {}\n\n", markdown_text(named.name));
  out += hazards_block(named);
  if (named.simulation) return out + simulation_markdown(*named.simulation);
  if (named.profile) return out + profile_markdown(*named.profile);
  if (named.stampede) return out + stampede_markdown(*named.stampede);
  if (named.micro) {
    return out + micro_markdown(*named.micro) +
           markdown_paragraphs(micro_finding(*named.micro, named.name));
  }
  std::string details;
  for (const ComparedWorkload& workload : compare_run(report)) {
    out += workload_line(workload) + table(workload, false) + by_class(workload);
    details += workload_line(workload) + table(workload, true);
  }
  out += markdown_paragraphs(run_finding(report));
  return out + markdown_details("All figures, with the range over repetitions",
                                details + markdown_machine(report.context));
}

}  // namespace

std::string write_markdown(NamedReports reports, const TextTableStyle&) {
  std::string out;
  for (const NamedReport& named : reports) out += (out.empty() ? "" : "\n") + markdown(named);
  return out;
}

}  // namespace cachegauge
