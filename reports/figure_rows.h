// The figures of reports that are about no cells: of simulations, profiles, and what else has
// results[]. As csv and OpenMetrics take them.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reports/json.h"

namespace cachegauge {

struct FigureRow {
  std::vector<std::pair<std::string, std::string>> labels;  // texts, by path: what it is
  std::vector<std::pair<std::string, double>> figures;      // by path; truths are 0 or 1
  std::vector<std::string> flags, warnings;                 // of the result
};

// One for each result; of a simulation, one for each curve and each of its points, whose size
// stands where that of a result does; of a profile, whose verdict goes with its result, one for
// each candidate. What is null or a list is left out, and so are histograms, and the parameters of
// policies, which their specs have.
// The report is one that was read (report_reader.h): what is expected here is there.
std::vector<FigureRow> figure_rows(const Json& report);

}  // namespace cachegauge
