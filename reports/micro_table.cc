#include "reports/micro_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/units.h"
#include "reports/escape.h"
#include "reports/run_figures.h"

namespace cachegauge {
namespace {

constexpr std::string_view kFailed = "failed", kNotMeasured = "-";

std::string bytes_text(std::optional<double> bytes) {
  if (!bytes) return std::string(kNotMeasured);
  return format_size(static_cast<uint64_t>(std::llround(*bytes)));
}

TextCell cell_of(const MicroFigure* figure, bool is_best) {
  if (!figure) return {std::string(kNotMeasured), {}, false};
  if (!figure->time_ns) return {std::string(kFailed), {}, false};
  return {format_duration(figure->time_ns->median), format_range(*figure->time_ns, format_duration),
          is_best};
}

// In columns of the table: those of the grid, and one of bytes where they are known.
std::vector<TextColumn> columns_of(const MicroGrid& grid) {
  std::vector<TextColumn> columns;
  const auto count = static_cast<int>(grid.columns.size());
  for (const MicroGrid::Column& column : grid.columns) {
    std::vector<std::string> heading = {printable(column.operation)};
    if (column.full_items > 0) heading.push_back(column.items_text());
    const int later = static_cast<int>(columns.size());
    columns.push_back({heading, 100 - 50 * later / count, heading.front()});
  }
  if (grid.has_bytes()) {
    columns.push_back({{"bytes", std::string(grid.bytes_name())}, 90, "bytes"});
  }
  return columns;
}

TextTable table_of(const MicroGrid& grid) {
  TextTable table{std::string(grid.subject_name()), columns_of(grid), {}, 40};
  for (const MicroGrid::Row& row : grid.rows) {
    table.rows.push_back({printable(row.subject), {}, {}});
    for (size_t i = 0; i < grid.columns.size(); ++i) {
      const MicroFigure* best = clearly_fastest(grid.figures_in(i));
      table.rows.back().cells.push_back(cell_of(row.figures[i], best && best == row.figures[i]));
    }
    if (grid.has_bytes()) table.rows.back().cells.push_back({bytes_text(row.bytes), {}, false});
  }
  return table;
}

std::string micro_legend(const MicroGrid& grid, const TextTable::Rendered& rendered) {
  uint64_t most = 0;
  for (const MicroGrid::Row& row : grid.rows) {
    for (const MicroFigure* figure : row.figures) {
      if (figure && figure->time_ns) most = std::max(most, figure->time_ns->n);
    }
  }
  std::vector<std::string> parts;
  if (most > 1) {
    parts.push_back(fmt::format("medians of {} repetitions{}", most,
                                rendered.has_ranges ? ", range or 95 % interval below" : ""));
  }
  if (rendered.has_best) parts.emplace_back("* best");
  if (!rendered.left_out.empty()) {
    parts.push_back(fmt::format("no room for {} (a wider terminal shows more)",
                                fmt::join(rendered.left_out, ", ")));
  }
  return parts.empty() ? std::string() : fmt::format("{}\n", fmt::join(parts, "; "));
}

std::string micro_markdown_cell(const TextCell& cell) {
  std::string text = cell.is_best ? fmt::format("**{}**", cell.text) : cell.text;
  if (!cell.range.empty()) text += fmt::format(" ({})", cell.range);
  return text;
}

}  // namespace

std::string micro_table(const MicroReport& report, const TextTableStyle& style) {
  std::string out;
  for (const MicroGrid& grid : micro_grids(report)) {
    const TextTable::Rendered rendered = table_of(grid).render(style);
    out += fmt::format("{}{}\n{}{}", out.empty() ? "" : "\n", printable(grid.heading()),
                       rendered.text, micro_legend(grid, rendered));
  }
  return out;
}

std::string micro_markdown(const MicroReport& report) {
  std::string out;
  for (const MicroGrid& grid : micro_grids(report)) {
    const TextTable table = table_of(grid);
    out += fmt::format("**{}**\n\n| {} |", markdown_text(grid.heading()), table.heading);
    std::string rule = "| --- |";
    for (const TextColumn& column : table.columns) {
      out += fmt::format(" {} |", markdown_text(fmt::format("{}", fmt::join(column.heading, " "))));
      rule += " ---: |";
    }
    out += "\n" + rule + "\n";
    for (const TextRow& row : table.rows) {
      out += fmt::format("| {} |", markdown_text(row.name));
      for (const TextCell& cell : row.cells) out += fmt::format(" {} |", micro_markdown_cell(cell));
      out += "\n";
    }
    out += "\n";
  }
  return out;
}

}  // namespace cachegauge
