#include "harness/core/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "harness/core/metrics.h"

namespace cachegauge {
namespace {

// As label.id() == id, but without making the text: it is asked for each pair of cells.
bool has_id(const CellLabel& label, std::string_view id) {
  for (const std::string* part :
       {&label.workload, &label.adapter, &label.pattern, &label.guard, &label.driver}) {
    if (!id.starts_with(*part)) return false;
    id.remove_prefix(part->size());
    if (part == &label.driver) break;
    if (!id.starts_with('/')) return false;
    id.remove_prefix(1);
  }
  return id.empty();
}

}  // namespace

std::string CellLabel::id() const {
  return fmt::format("{}/{}/{}/{}/{}", workload, adapter, pattern, guard, driver);
}

std::string CellLabel::match_key() const {
  return fmt::format("{}/{}/{}/{}", workload, pattern, guard, driver);
}

bool is_complete(const RunResult& result) { return result.failure.empty() && !result.interrupted; }

std::vector<CellRepetitions> group_repetitions(const std::vector<CellReport>& cells) {
  std::vector<CellRepetitions> groups;
  std::unordered_map<std::string, size_t> places;
  for (const CellReport& cell : cells) {
    std::string id = cell.label.id();
    const auto [place, is_new] = places.try_emplace(id, groups.size());
    if (is_new) groups.push_back({std::move(id), {}});
    groups[place->second].cells.push_back(&cell);
  }
  return groups;
}

CellSummary summarize(const CellRepetitions& group) {
  const bool any_complete = std::any_of(group.cells.begin(), group.cells.end(),
                                        [](const auto* cell) { return is_complete(cell->result); });
  std::vector<std::string> order;
  std::unordered_map<std::string, std::vector<double>> values;
  size_t repetitions = 0;
  for (const CellReport* cell : group.cells) {
    if (any_complete && !is_complete(cell->result)) continue;
    ++repetitions;
    auto metrics = flat_metrics(cell->result);
    if (const auto& count = cell->instructions_per_request) {
      metrics.emplace_back("instructions_per_request", *count);
    }
    for (const auto& [name, value] : metrics) {
      auto& list = values[name];
      if (list.empty()) order.push_back(name);
      list.push_back(value);
    }
  }
  CellSummary summary{group.id, {}};
  for (const std::string& name : order) {
    if (values[name].size() == repetitions) {
      summary.metrics.emplace_back(name, summarize(values[name]));
    }
  }
  return summary;
}

std::vector<CellSummary> summarize_cells(const std::vector<CellReport>& cells) {
  std::vector<CellSummary> summaries;
  for (const CellRepetitions& group : group_repetitions(cells)) {
    summaries.push_back(summarize(group));
  }
  return summaries;
}

Histogram merged_timing(const std::vector<CellReport>& cells, std::string_view id, Timing timing) {
  Histogram complete, all;
  bool any_complete = false;
  for (const CellReport& cell : cells) {
    if (!has_id(cell.label, id)) continue;
    all.merge(cell.result.timing(timing));
    if (!is_complete(cell.result)) continue;
    any_complete = true;
    complete.merge(cell.result.timing(timing));
  }
  return any_complete ? complete : all;
}

}  // namespace cachegauge
