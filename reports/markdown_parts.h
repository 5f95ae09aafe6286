// Pieces of GitHub-flavoured Markdown. Texts are those of a terminal: what is special in Markdown
// is escaped here.
#pragma once

#include <string>
#include <vector>

#include "harness/core/report.h"
#include "reports/text_table.h"

namespace cachegauge {

// Cells as they are; the first column is aligned left, others right.
std::string markdown_row(const std::vector<std::string>& cells);
std::string markdown_rule(size_t columns);

// Whole, with the best in bold and ranges in parentheses. Ends with an empty line.
std::string markdown_table(const TextTable& table);

// A paragraph for each line.
std::string markdown_paragraphs(const std::string& lines);

// Behind a summary to click on.
std::string markdown_details(const std::string& summary, const std::string& content);

// "Measured on …", as a paragraph; empty where nothing is known.
std::string markdown_machine(const MachineContext& context);

}  // namespace cachegauge
