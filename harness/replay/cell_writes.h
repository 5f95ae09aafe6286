// The writes of a cell whose pattern sends them to the origin: the log of those that were
// acknowledged, and what became of them in the end.
#pragma once

#include <memory>
#include <span>

#include "harness/core/pattern_figures.h"
#include "harness/replay/cell.h"
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

 private:
  std::unique_ptr<AcknowledgedLog> own_;
  AcknowledgedLog* log_ = nullptr;
};

}  // namespace cachegauge
