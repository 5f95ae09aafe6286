#include "harness/core/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "harness/core/metrics.h"

namespace cachegauge {

std::string CellLabel::id() const {
  return fmt::format("{}/{}/{}/{}/{}", workload, adapter, pattern, guard, driver);
}

std::string CellLabel::match_key() const {
  return fmt::format("{}/{}/{}/{}", workload, pattern, guard, driver);
}

bool is_complete(const RunResult& result) { return result.failure.empty() && !result.interrupted; }

std::vector<CellSummary> summarize_cells(const std::vector<CellReport>& cells) {
  std::vector<CellSummary> summaries;
  for (const CellReport& cell : cells) {
    const std::string id = cell.label.id();
    const bool known = std::any_of(summaries.begin(), summaries.end(),
                                   [&](const CellSummary& s) { return s.id == id; });
    if (known) continue;
    std::vector<std::string> order;
    std::map<std::string, std::vector<double>> values;
    const bool any_complete = std::any_of(cells.begin(), cells.end(), [&](const CellReport& c) {
      return c.label.id() == id && is_complete(c.result);
    });
    size_t repetitions = 0;
    for (const CellReport& other : cells) {
      if (other.label.id() != id || (any_complete && !is_complete(other.result))) continue;
      ++repetitions;
      for (const auto& [name, value] : flat_metrics(other.result)) {
        auto& list = values[name];
        if (list.empty()) order.push_back(name);
        list.push_back(value);
      }
    }
    CellSummary summary{id, {}};
    for (const std::string& name : order) {
      if (values[name].size() == repetitions) {
        summary.metrics.emplace_back(name, summarize(values[name]));
      }
    }
    summaries.push_back(std::move(summary));
  }
  return summaries;
}

}  // namespace cachegauge
