#include "reports/run_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "harness/core/units.h"
#include "reports/run_comparison.h"
#include "reports/run_figures.h"

namespace cachegauge {
namespace {

struct Column {
  std::string_view metric;
  std::vector<std::string> heading;
  std::string_view name;  // in a sentence
  int importance;
  FigureFormat format;
  std::optional<Better> better;
};

constexpr int kRangeImportance = 72;

const std::vector<Column>& run_columns() {
  static const std::vector<Column> columns = {
      {"hit_ratio", {"hit", "ratio"}, "hit ratio", 100, format_percent, Better::kHigher},
      {"byte_hit_ratio", {"byte", "hits"}, "byte hit ratio", 50, format_percent, Better::kHigher},
      {"capacity.rate_rps", {"capacity", "per s"}, "capacity", 95, format_rate, Better::kHigher},
      {"service_time_ns.get.p50", {"get", "p50"}, "get p50", 85, format_duration, Better::kLower},
      {"service_time_ns.get.p99", {"get", "p99"}, "get p99", 90, format_duration, Better::kLower},
      {"response_time_ns.get.mean",
       {"response", "mean"},
       "mean response time",
       75,
       format_duration,
       Better::kLower},
      {"throughput_rps", {"requests", "per s"}, "throughput", 80, format_rate, Better::kHigher},
      {"memory.bytes_per_item",
       {"bytes", "per item"},
       "bytes per item",
       60,
       format_whole,
       Better::kLower},
      {"memory.items", {"items"}, "items", 30, format_whole, std::nullopt},
      {"evictions", {"evictions"}, "evictions", 40, format_whole, std::nullopt},
      {"origin.calls", {"origin", "calls"}, "origin calls", 70, format_whole, std::nullopt},
      {"errors", {"errors"}, "errors", 20, format_whole, std::nullopt},
  };
  return columns;
}

// Of a column that says nothing in this block: nobody knows it, or all are 0 and a 0 is no news.
bool says_nothing(const Column& column, const ComparedWorkload& workload) {
  const bool zero_is_news = column.metric != "origin.calls";
  return std::none_of(workload.cells.begin(), workload.cells.end(), [&](const ComparedCell& cell) {
    const Summary* s = cell.find(column.metric);
    return cell.has_figures() && s && (zero_is_news || s->high > 0);
  });
}

TextCell make_cell(const ComparedCell& cell, const Column& column, const ComparedCell* best) {
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
  for (const Column& column : run_columns()) {
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
    text += fmt::format(": {} requests, {} keys", format_count(cell.workload.requests),
                        format_count(cell.workload.unique_keys));
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
  if (!rendered.left_out.empty()) {
    text += fmt::format("{}no room for {} (a wider terminal or the report shows more)",
                        text.empty() ? "" : "; ", fmt::join(rendered.left_out, ", "));
  }
  return text.empty() ? text : text + "\n";
}

// Things that are never right, with the rows they happened in.
std::string alarms(const ComparedWorkload& workload) {
  constexpr std::pair<std::string_view, std::string_view> kAlarms[] = {
      {"corrupt", "values came back corrupt"},
      {"stale", "values came back older than the last write that was acknowledged"},
      {"timeouts", "commands timed out"},
      {"rejected", "commands were rejected: the backend cannot take their key or value"},
      {"origin.errors", "calls to the origin failed"},
      {"unverifiable", "values were too small to be checked"},
      {"skipped_rows", "malformed rows of the trace were skipped"},
  };
  std::string text;
  for (const auto& [metric, what] : kAlarms) {
    for (const ComparedCell& cell : workload.cells) {
      const Summary* s = cell.find(metric);
      if (!s || s->high <= 0) continue;
      text += fmt::format("{}: {} {}\n", printable(cell.name), format_whole(s->high), what);
    }
  }
  return text;
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

// Each text once, with the adapters it came from.
class Notes {
 public:
  void add(const std::string& text, const std::string& from) {
    auto note =
        std::find_if(notes_.begin(), notes_.end(), [&](const Note& n) { return n.text == text; });
    if (note == notes_.end()) note = notes_.insert(notes_.end(), {text, {}});
    auto& names = note->from;
    if (!from.empty() && std::find(names.begin(), names.end(), from) == names.end()) {
      names.push_back(from);
    }
  }
  std::string lines(std::string_view kind) const {
    std::string out;
    for (const Note& note : notes_) {
      std::string from = fmt::format("{}", fmt::join(note.from, ", "));
      // An adapter's text may open with its own name.
      if (!from.empty()) from = note.text.starts_with(from + ":") ? "" : from + ": ";
      out += fmt::format("{}: {}\n", kind, printable(from + note.text));
    }
    return out;
  }

 private:
  struct Note {
    std::string text;
    std::vector<std::string> from;
  };
  std::vector<Note> notes_;
};

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

std::string notes(const RunReport& report) {
  Notes warnings, flags;
  for (const std::string& warning : report.warnings) warnings.add(warning, "");
  for (const CellReport& cell : report.cells) {
    for (const std::string& warning : cell.result.warnings) {
      warnings.add(warning, cell.label.adapter);
    }
    for (const std::string& flag : cell.result.flags) {
      flags.add(explain_flag(flag), cell.label.adapter);
    }
  }
  std::string text;
  for (const std::string& note : report.notes) text += fmt::format("note: {}\n", printable(note));
  return text + warnings.lines("warning") + flags.lines("flag");
}

}  // namespace

std::string run_table(const RunReport& report, const TableStyle& style) {
  std::string out;
  if (report.interrupted) out += "interrupted: what was measured until then\n\n";
  for (const ComparedWorkload& workload : compare_run(report)) {
    const TextTable::Rendered rendered = make_table(workload).render(style);
    out += fmt::format("{}\n{}\n", block_heading(workload), rendered.text);
    const std::string remarks = legend(workload, rendered) + time_note(workload) +
                                partial_failures(workload) + alarms(workload);
    if (!remarks.empty()) out += remarks + "\n";
  }
  out += notes(report);
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace cachegauge
