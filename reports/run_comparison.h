// A run's cells side by side: what the table and the finding are made of. Compares and orders
// figures that core derived; computes none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "harness/core/report.h"

namespace cachegauge {

// One id over its repetitions. Points into the RunReport.
struct ComparedCell {
  const CellReport* cell = nullptr;  // a complete repetition, if there is one
  std::string name;       // the adapter, and what else tells it from the others of its workload
  CellSummary summary;    // over the repetitions that count: see summarize_cells()
  bool complete = false;  // at least one repetition ran to its end
  std::string failure;    // of the first repetition that failed

  // Null if it is not known.
  const Summary* find(std::string_view metric) const;
  // Some repetition ran to its end, or until the user stopped it.
  bool has_figures() const { return complete || failure.empty(); }
  // It answered gets from the cache, so that it can be compared with others; the `null` adapter
  // does not.
  bool is_comparable() const;
};

struct ComparedWorkload {
  std::vector<ComparedCell> cells;  // best hit ratio first, those without one last
};

// Workloads in order of first appearance.
std::vector<ComparedWorkload> compare_run(const RunReport& report);

enum class Better { kHigher, kLower };

// The cells that know the metric and could be chosen by someone: caches of bounded size, if there
// are any, since one that may hold everything is a ceiling and not a choice.
std::vector<const ComparedCell*> candidates(const ComparedWorkload& workload,
                                            std::string_view metric);

// The candidates that share the best place: those whose range meets that of the best median.
// One repetition has no range. Hit ratios within 0.05 points are a tie. Empty where nothing can be
// compared: fewer than two candidates know the metric, one was interrupted, or (for throughput)
// some ran in virtual time and others in real time.
std::vector<const ComparedCell*> best_of(const ComparedWorkload& workload, std::string_view metric,
                                         Better better);

// True if the metric is a time or a rate, which varies from one run to the next even if nothing
// changes: from one repetition or two nothing can be concluded.
bool is_noisy(std::string_view metric);

// The one cell that is best beyond doubt, null if there is none: alone in the best place, its range
// apart from all others, and at least three repetitions of each if the metric is noisy.
const ComparedCell* clear_best(const ComparedWorkload& workload, std::string_view metric,
                               Better better);
// The same at the other end.
const ComparedCell* clear_worst(const ComparedWorkload& workload, std::string_view metric,
                                Better better);

}  // namespace cachegauge
