// Figures of `micro` as tables.
#pragma once

#include <string>

#include "reports/micro_grid.h"
#include "reports/text_table.h"

namespace cachegauge {

// For a terminal. A "*" marks what is fastest beyond doubt. Ends with one newline, or is empty.
std::string micro_table(const MicroReport& report, const TextTableStyle& style);

// The same in GitHub's Markdown, ending with an empty line.
std::string micro_markdown(const MicroReport& report);

}  // namespace cachegauge
