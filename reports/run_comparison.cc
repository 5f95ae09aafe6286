#include "reports/run_comparison.h"

#include <algorithm>
#include <unordered_map>

namespace cachegauge {
namespace {

// Hit ratios this near are a tie: less than what the trace of the next day changes.
constexpr double kSameRatio = 0.0005;

bool is_hit_ratio(std::string_view metric) { return metric.ends_with("hit_ratio"); }

constexpr std::string CellLabel::*kNamingParts[] = {&CellLabel::pattern, &CellLabel::guard,
                                                    &CellLabel::driver};

ComparedCell compare_cell(const CellRepetitions& group) {
  ComparedCell compared;
  compared.summary = summarize(group);
  for (const CellReport* cell : group.cells) {
    const bool complete = is_complete(cell->result);
    if (!compared.cell || (complete && !compared.complete)) compared.cell = cell;
    compared.complete |= complete;
    if (compared.failure.empty()) compared.failure = cell->result.failure;
  }
  return compared;
}

// The adapter, and those parts of the label that differ within the workload.
void name_cells(std::vector<ComparedCell>& cells) {
  for (ComparedCell& cell : cells) cell.name = cell.cell->label.adapter;
  for (const auto part : kNamingParts) {
    const std::string& first = cells.front().cell->label.*part;
    const bool all_alike = std::all_of(cells.begin(), cells.end(), [&](const ComparedCell& cell) {
      return cell.cell->label.*part == first;
    });
    if (all_alike) continue;
    for (ComparedCell& cell : cells) cell.name += " " + cell.cell->label.*part;
  }
}

bool hits_more(const ComparedCell& a, const ComparedCell& b) {
  const Summary* x = a.find("hit_ratio");
  const Summary* y = b.find("hit_ratio");
  if (!x || !y) return x && !y;
  if (x->median != y->median) return x->median > y->median;
  return a.name < b.name;
}

// An interrupted cell saw other requests than the rest. Throughput under virtual time leaves out
// the waits that it holds in real time.
bool are_alike(const std::vector<const ComparedCell*>& cells, std::string_view metric) {
  return std::all_of(cells.begin(), cells.end(), [&](const ComparedCell* cell) {
    return cell->complete &&
           (metric != "throughput_rps" || cell->cell->time == cells.front()->cell->time);
  });
}

bool at_least_as_good(double a, double b, Better better) {
  return better == Better::kHigher ? a >= b : a <= b;
}

}  // namespace

const Summary* ComparedCell::find(std::string_view metric) const {
  for (const auto& [known, value] : summary.metrics) {
    if (known == metric) return &value;
  }
  return nullptr;
}

bool ComparedCell::is_comparable() const {
  const Summary* hits = find("hits");
  return has_figures() && hits && hits->median > 0;
}

std::vector<ComparedWorkload> compare_run(const RunReport& report) {
  std::vector<ComparedWorkload> workloads;
  std::unordered_map<std::string_view, size_t> places;
  for (const CellRepetitions& group : group_repetitions(report.cells)) {
    const auto [place, is_new] =
        places.try_emplace(group.cells.front()->label.workload, workloads.size());
    if (is_new) workloads.emplace_back();
    workloads[place->second].cells.push_back(compare_cell(group));
  }
  for (ComparedWorkload& workload : workloads) {
    name_cells(workload.cells);
    std::stable_sort(workload.cells.begin(), workload.cells.end(), hits_more);
  }
  return workloads;
}

std::vector<const ComparedCell*> candidates(const ComparedWorkload& workload,
                                            std::string_view metric) {
  const bool any_bounded = std::any_of(
      workload.cells.begin(), workload.cells.end(),
      [](const ComparedCell& cell) { return cell.is_comparable() && cell.cell->adapter_bounded; });
  std::vector<const ComparedCell*> chosen;
  for (const ComparedCell& cell : workload.cells) {
    const bool is_ceiling = any_bounded && !cell.cell->adapter_bounded;
    if (cell.is_comparable() && !is_ceiling && cell.find(metric)) chosen.push_back(&cell);
  }
  return chosen;
}

std::vector<const ComparedCell*> best_of(const ComparedWorkload& workload, std::string_view metric,
                                         Better better) {
  const auto cells = candidates(workload, metric);
  if (cells.size() < 2 || !are_alike(cells, metric)) return {};
  const ComparedCell* leader = cells.front();
  for (const ComparedCell* cell : cells) {
    if (!at_least_as_good(leader->find(metric)->median, cell->find(metric)->median, better)) {
      leader = cell;
    }
  }
  const Summary& first = *leader->find(metric);
  const double slack = is_hit_ratio(metric) ? kSameRatio : 0;
  std::vector<const ComparedCell*> best;
  for (const ComparedCell* cell : cells) {
    const Summary& s = *cell->find(metric);
    const bool reaches =
        better == Better::kHigher ? s.high + slack >= first.low : s.low - slack <= first.high;
    if (cell == leader || reaches) best.push_back(cell);
  }
  return best;
}

bool is_noisy(std::string_view metric) {
  return metric.find("_ns") != std::string_view::npos || metric.ends_with("_rps");
}

const ComparedCell* clear_best(const ComparedWorkload& workload, std::string_view metric,
                               Better better) {
  constexpr uint64_t kEnough = 3;
  if (is_noisy(metric)) {
    for (const ComparedCell* cell : candidates(workload, metric)) {
      if (cell->find(metric)->n < kEnough) return nullptr;
    }
  }
  const auto best = best_of(workload, metric, better);
  return best.size() == 1 ? best.front() : nullptr;
}

const ComparedCell* clear_worst(const ComparedWorkload& workload, std::string_view metric,
                                Better better) {
  return clear_best(workload, metric, better == Better::kHigher ? Better::kLower : Better::kHigher);
}

}  // namespace cachegauge
