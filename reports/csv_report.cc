// RFC 4180 with "\n" at the ends of lines, for spreadsheets and data frames.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/metrics.h"
#include "reports/figure_rows.h"
#include "reports/report_formats.h"

namespace cachegauge {
namespace {

using Row = std::vector<std::pair<std::string, std::string>>;  // column → cell

std::string quote(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

// What a reader must know of a figure stands left of it. The report's own warnings and interruption
// are repeated in each row, since rows are what is filtered and copied.
Row make_row(const NamedReport& named, const CellReport& cell) {
  const RunReport& report = named.report;
  std::vector<std::string> warnings = report.warnings;
  warnings.insert(warnings.end(), cell.result.warnings.begin(), cell.result.warnings.end());
  Row row = {{"report", named.name},
             {"report_interrupted", report.interrupted ? "true" : "false"},
             {"interrupted", cell.result.interrupted ? "true" : "false"},
             {"failure", cell.result.failure},
             {"flags", fmt::format("{}", fmt::join(cell.result.flags, "; "))},
             {"warnings", fmt::format("{}", fmt::join(warnings, "; "))},
             {"id", cell.label.id()},
             {"match_key", cell.label.match_key()},
             {"repetition", fmt::to_string(cell.repetition)},
             {"adapter", cell.label.adapter},
             {"adapter_version", cell.result.adapter_version},
             {"workload", cell.label.workload},
             {"fingerprint", cell.workload.fingerprint},
             {"origin", cell.origin},
             {"fills", cell.fills},
             {"time", cell.time}};
  for (const auto& [name, value] : flat_metrics(cell.result)) {
    row.emplace_back(name, fmt::to_string(value));
  }
  return row;
}

// Likewise, of a benchmark of `micro`: its median, and its range or 95 % interval.
Row make_row(const NamedReport& named, const MicroFigure& figure) {
  Row row = {{"report", named.name},
             {"report_interrupted", named.report.interrupted ? "true" : "false"},
             {"failure", figure.failure},
             {"warnings", fmt::format("{}", fmt::join(named.report.warnings, "; "))},
             {"operation", figure.operation},
             {figure.is_codec() ? "codec" : "adapter", figure.subject},
             {"value", figure.value},
             {"threads", fmt::to_string(figure.threads)}};
  if (figure.full_items > 0) row.emplace_back("full_items", fmt::to_string(figure.full_items));
  if (const auto& time = figure.time_ns) {
    row.emplace_back("repetitions", fmt::to_string(time->n));
    row.emplace_back("time_ns", fmt::to_string(time->median));
    row.emplace_back("time_ns_low", fmt::to_string(time->low));
    row.emplace_back("time_ns_high", fmt::to_string(time->high));
  }
  for (const MicroCounter& counter : micro_counters()) {
    const std::optional<double>& value = figure.*counter.median;
    if (value) row.emplace_back(counter.name, fmt::to_string(*value));
  }
  return row;
}

// Likewise, of a report that is about no cells.
Row make_row(const NamedReport& named, const FigureRow& figures) {
  std::vector<std::string> warnings = named.report.warnings;
  warnings.insert(warnings.end(), figures.warnings.begin(), figures.warnings.end());
  Row row = {{"report", named.name},
             {"report_interrupted", named.report.interrupted ? "true" : "false"},
             {"flags", fmt::format("{}", fmt::join(figures.flags, "; "))},
             {"warnings", fmt::format("{}", fmt::join(warnings, "; "))}};
  row.insert(row.end(), figures.labels.begin(), figures.labels.end());
  for (const auto& [name, value] : figures.figures) row.emplace_back(name, fmt::to_string(value));
  return row;
}

std::vector<Row> make_rows(const NamedReport& named) {
  std::vector<Row> rows;
  for (const CellReport& cell : named.report.cells) rows.push_back(make_row(named, cell));
  if (named.kind == "run") return rows;
  if (named.micro) {
    for (const MicroFigure& figure : named.micro->figures) rows.push_back(make_row(named, figure));
    return rows;
  }
  for (const FigureRow& figures : figure_rows(Json::parse(named.json))) {
    rows.push_back(make_row(named, figures));
  }
  return rows;
}

}  // namespace

std::string write_csv(NamedReports reports, const TextTableStyle&) {
  std::vector<Row> rows;
  std::vector<std::string> columns;
  const auto add_columns = [&](const Row& row) {
    for (const auto& [name, cell] : row) {
      if (std::find(columns.begin(), columns.end(), name) == columns.end()) columns.push_back(name);
    }
  };
  for (const NamedReport& named : reports) {
    // A report without results has a heading, too.
    add_columns(named.kind == "run" ? make_row(named, CellReport())
                : named.micro       ? make_row(named, MicroFigure())
                                    : make_row(named, FigureRow()));
    for (Row& row : make_rows(named)) {
      add_columns(row);
      rows.push_back(std::move(row));
    }
  }
  std::string out = fmt::format("{}\n", fmt::join(columns, ","));
  for (const Row& row : rows) {
    std::vector<std::string> cells;
    for (const std::string& column : columns) {
      const auto found = std::find_if(row.begin(), row.end(),
                                      [&](const auto& cell) { return cell.first == column; });
      cells.push_back(found == row.end() ? "" : quote(found->second));
    }
    out += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return out;
}

}  // namespace cachegauge
