// What a finished stampede shows on a terminal.
#pragma once

#include <string>
#include <vector>

#include "harness/core/stampede_report.h"
#include "reports/text_table.h"

namespace cachegauge {

// What befell the cache, under which load: "hot-key-expiry: 1.00k requests/s achieved, origin 50.1
// ms, TTL 1.00 s, real time". Empty without results.
std::string stampede_heading(const StampedeReport& report);

// A row an adapter and guard, with columns as important as that; those that have nothing to tell of
// any row are left out.
TextTable stampede_figures_table(const StampedeReport& report, int least_importance = 0);

// Both. Warnings follow. Ends with one newline.
std::string stampede_table(const StampedeReport& report, const TextTableStyle& style);

// GitHub-flavoured Markdown: what stands below the report's name. A short table and the finding;
// all figures, what theory has, and the machine, folded.
std::string stampede_markdown(const StampedeReport& report);

}  // namespace cachegauge
