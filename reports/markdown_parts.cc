#include "reports/markdown_parts.h"

#include <fmt/format.h>

#include <sstream>

#include "reports/escape.h"

namespace cachegauge {
namespace {

std::string markdown_cell(const TextCell& cell) {
  std::string text = markdown_text(cell.text);
  if (cell.is_best) text = fmt::format("**{}**", text);
  return cell.range.empty() ? text : fmt::format("{} ({})", text, markdown_text(cell.range));
}

}  // namespace

std::string markdown_row(const std::vector<std::string>& cells) {
  return fmt::format("| {} |\n", fmt::join(cells, " | "));
}

std::string markdown_rule(size_t columns) {
  std::vector<std::string> cells(columns, "---:");
  cells.front() = "---";
  return markdown_row(cells);
}

std::string markdown_table(const TextTable& table) {
  std::vector<std::string> heading = {markdown_text(table.heading)};
  for (const TextColumn& column : table.columns) {
    heading.push_back(markdown_text(fmt::format("{}", fmt::join(column.heading, " "))));
  }
  std::string out = markdown_row(heading) + markdown_rule(heading.size());
  for (const TextRow& row : table.rows) {
    std::vector<std::string> cells = {markdown_text(row.name)};
    for (const TextCell& cell : row.cells) cells.push_back(markdown_cell(cell));
    out += markdown_row(cells);
  }
  return out + "\n";
}

std::string markdown_paragraphs(const std::string& lines) {
  std::string out;
  std::istringstream in(lines);
  for (std::string line; std::getline(in, line);) out += markdown_text(line) + "\n\n";
  return out;
}

std::string markdown_details(const std::string& summary, const std::string& content) {
  return fmt::format("<details><summary>{}</summary>\n\n{}</details>\n", summary, content);
}

std::string markdown_machine(const MachineContext& context) {
  std::vector<std::string> parts;
  for (const std::string& part : {context.cpu_model, context.kernel, context.started_at}) {
    if (!part.empty()) parts.push_back(markdown_text(part));
  }
  if (context.cores > 0) parts.push_back(fmt::format("{} processors", context.cores));
  return parts.empty() ? std::string() : fmt::format("Measured on {}\n\n", fmt::join(parts, ", "));
}

}  // namespace cachegauge
