// The writes of a cell whose pattern sends them to the origin: the log of those that were
// acknowledged, and what became of them in the end.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "harness/core/pattern_figures.h"
#include "harness/replay/cell.h"
#include "harness/replay/key_classes.h"
#include "harness/replay/patterns/acknowledged_log.h"
#include "harness/replay/patterns/end_check.h"

namespace cachegauge {

class CellWrites {
 public:
  explicit CellWrites(const CellPlan& plan);

  // Null for a pattern whose writes go to the cache alone.
  AcknowledgedLog* log() const { return log_; }
  // Of all keys that were written.
  void judge(std::span<const HeldVersions> held, PatternFigures& figures) const;
  // The same by class, of which there is one for each of `classes`.
  void judge(std::span<const HeldVersions> held, const KeyClasses& classes,
             std::vector<ClassFigures>& figures) const;

 private:
  void judge_part(std::span<const HeldVersions> held, bool all, PatternFigures& figures) const;

  std::unique_ptr<AcknowledgedLog> own_;
  AcknowledgedLog* log_ = nullptr;
};

}  // namespace cachegauge
