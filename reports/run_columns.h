// The figures that caches are compared by, in the order in which tables show them.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reports/run_comparison.h"
#include "reports/run_figures.h"

namespace cachegauge {

struct RunColumn {
  std::string_view metric;  // as in summaries[]
  std::vector<std::string> heading;
  std::string_view name;  // in a sentence
  std::string_view unit;  // of the number as it stands in the report
  int importance;         // the least is left out first where there is no room
  FigureFormat format;
  std::optional<Better> better;
};

std::span<const RunColumn> run_columns();

// Nobody in this workload knows it, or all are 0 and a 0 is no news.
bool says_nothing(const RunColumn& column, const ComparedWorkload& workload);

}  // namespace cachegauge
