#include "reports/run_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/class_table.h"
#include "reports/run_columns.h"
#include "reports/run_comparison.h"
#include "reports/run_figures.h"
#include "reports/run_hazards.h"

namespace cachegauge {
namespace {

constexpr int kRangeImportance = 72;

TextCell make_cell(const ComparedCell& cell, const RunColumn& column, const ComparedCell* best) {
  const Summary* s = cell.find(column.metric);
  if (!s) return {"-", "", false};
  return {column.format(s->median), format_range(*s, column.format), best == &cell};
}

TextTable make_table(const ComparedWorkload& workload) {
  TextTable table;
  table.heading = "adapter";
  table.range_importance = kRangeImportance;
  for (const ComparedCell& cell : workload.cells) {
    TextRow row{printable(cell.name), {}, {}};
    if (!cell.has_figures()) {
      row.remark = "failed: " + printable(cell.failure);
    } else if (!cell.complete) {
      row.name += " (interrupted)";
    }
    table.rows.push_back(std::move(row));
  }
  for (const RunColumn& column : run_columns()) {
    if (says_nothing(column, workload)) continue;
    int importance = column.importance;
    const ComparedCell* best =
        column.better ? clear_best(workload, column.metric, *column.better) : nullptr;
    for (size_t i = 0; i < workload.cells.size(); ++i) {
      const Summary* s = workload.cells[i].find(column.metric);
      // Errors that did happen must be seen.
      if (column.metric == "errors" && s && s->high > 0) importance = 99;
      table.rows[i].cells.push_back(make_cell(workload.cells[i], column, best));
    }
    table.columns.push_back({column.heading, importance, std::string(column.name)});
  }
  return table;
}

std::string block_heading(const ComparedWorkload& workload) {
  const CellReport& cell = *workload.cells.front().cell;
  std::string text = printable(cell.label.workload);
  if (cell.workload.requests > 0) {
    text += fmt::format(": {}, {}", format_counted(cell.workload.requests, "request"),
                        format_counted(cell.workload.unique_keys, "key"));
  }
  if (!cell.origin.empty()) text += fmt::format("; origin {}", printable(cell.origin));
  const bool one_driver =
      std::all_of(workload.cells.begin(), workload.cells.end(),
                  [&](const ComparedCell& c) { return c.cell->driver == cell.driver; });
  if (one_driver && !cell.driver.empty()) text += fmt::format("; {}", printable(cell.driver));
  return text + "\n";
}

std::string names_of(const std::vector<const ComparedCell*>& cells) {
  std::vector<std::string> names;
  names.reserve(cells.size());
  for (const ComparedCell* cell : cells) names.push_back(printable(cell->name));
  return fmt::format("{}", fmt::join(names, ", "));
}

// Throughput of the one kind of time must not be read against that of the other.
std::string time_note(const ComparedWorkload& workload) {
  std::vector<const ComparedCell*> in_virtual_time;
  bool any_real = false, any_wait = false;
  for (const ComparedCell& cell : workload.cells) {
    const Summary* calls = cell.find("origin.calls");
    any_wait |= !cell.cell->origin.empty() && calls && calls->high > 0;
    any_real |= cell.cell->time != "virtual";
    if (cell.cell->time == "virtual") in_virtual_time.push_back(&cell);
  }
  if (!any_real || !any_wait || in_virtual_time.empty()) return {};
  return fmt::format(
      "{} ran in virtual time: waits for the origin are in the response time, not in requests per "
      "s\n",
      names_of(in_virtual_time));
}

std::string no_room(const TextTable::Rendered& rendered) {
  if (rendered.left_out.empty()) return {};
  return fmt::format("no room for {} (a wider terminal or the report shows more)",
                     fmt::join(rendered.left_out, ", "));
}

// Of cells whose figures were kept by class.
std::string class_block(const ComparedWorkload& workload, const TableStyle& style) {
  const TextTable table = class_table(workload);
  if (table.rows.empty()) return {};
  const TextTable::Rendered rendered = table.render(style);
  const std::string remark = no_room(rendered);
  return rendered.text + remark + (remark.empty() ? "\n" : "\n\n");
}

std::string legend(const ComparedWorkload& workload, const TextTable::Rendered& rendered) {
  uint64_t least = UINT64_MAX, most = 0;
  bool is_interval = true;
  for (const ComparedCell& cell : workload.cells) {
    if (const Summary* s = cell.find("gets"); s && cell.has_figures()) {
      least = std::min(least, s->n);
      most = std::max(most, s->n);
      is_interval &= s->is_interval;
    }
  }
  std::string text;
  if (most > 1) {
    text = fmt::format("medians of {} repetitions",
                       least == most ? fmt::format("{}", most) : fmt::format("{}-{}", least, most));
    if (rendered.has_ranges) text += is_interval ? ", 95 % interval below" : ", range below";
  }
  if (rendered.has_best) text += fmt::format("{}* best", text.empty() ? "" : "; ");
  if (const std::string remark = no_room(rendered); !remark.empty()) {
    text += (text.empty() ? "" : "; ") + remark;
  }
  return text.empty() ? text : text + "\n";
}

std::string partial_failures(const ComparedWorkload& workload) {
  std::string text;
  for (const ComparedCell& cell : workload.cells) {
    if (!cell.complete || cell.failure.empty()) continue;
    text += fmt::format("{}: a repetition failed and is left out: {}\n", printable(cell.name),
                        printable(cell.failure));
  }
  return text;
}

std::string lines(const std::vector<Hazard>& hazards) {
  std::string text;
  for (const Hazard& hazard : hazards) {
    if (hazard.kind != "alarm") text += fmt::format("{}: ", hazard.kind);
    text += printable(hazard.text) + "\n";
  }
  return text;
}

}  // namespace

std::string run_table(const RunReport& report, const TableStyle& style) {
  std::string out;
  if (report.interrupted) out += "interrupted: what was measured until then\n\n";
  for (const ComparedWorkload& workload : compare_run(report)) {
    const TextTable::Rendered rendered = make_table(workload).render(style);
    out += fmt::format("{}\n{}\n", block_heading(workload), rendered.text);
    const std::string remarks = legend(workload, rendered) + partial_failures(workload) +
                                lines(alarms(workload)) + time_note(workload);
    if (!remarks.empty()) out += remarks + "\n";
    out += class_block(workload, style);
  }
  out += lines(flags_and_warnings(report));
  for (const std::string& note : report.notes) out += fmt::format("note: {}\n", printable(note));
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace cachegauge
