// A cell whose process is killed in mid-run: what it needs beside itself so that its writes can be
// counted at the origin afterwards.
#pragma once

#include <memory>
#include <string>

#include "harness/replay/cell.h"
#include "harness/replay/patterns/acknowledged_log.h"

namespace cachegauge {

class KilledCell {
 public:
  // Starts the origin, which holds rows. Throws as Origin::start() does.
  explicit KilledCell(const CellPlan& plan);
  KilledCell(const KilledCell&) = delete;
  ~KilledCell();

  // To be run in a child process.
  const CellPlan& plan() const { return plan_; }

  // What is known of the cell once its process was killed, so long after its measured interval
  // began: the origin is read in another child, while this process has one thread.
  RunResult count(int64_t killed_at_ns);

 private:
  CellPlan plan_;
  AcknowledgedLog acknowledged_;
  std::unique_ptr<Origin> origin_;
};

}  // namespace cachegauge
