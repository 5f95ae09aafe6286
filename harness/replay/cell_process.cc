#include "harness/replay/cell_process.h"

#include <optional>

#include "harness/core/metrics.h"
#include "harness/core/shared_memory.h"
#include "harness/replay/forked_task.h"
#include "harness/replay/killed_cell.h"

namespace cachegauge {

RunResult run_cell_in_child(const CellPlan& plan, const CellHooks& hooks,
                            const std::function<void(CellControl&)>& watch) {
  SharedMemory<CellControl> control;
  std::optional<KilledCell> killed;
  if (plan.driver.kill_at_ns > 0) killed.emplace(plan);
  const CellPlan& planned = killed ? killed->plan() : plan;
  ForkedTask cell([&] { return serialize(run_cell(planned, *control, hooks)); });
  const ForkedTask::Outcome outcome = cell.finish([&] { watch(*control); });
  if (outcome.death.empty()) {
    RunResult result = parse_run_result(outcome.text);
    if (killed) {
      result.warnings.push_back(
          "the run was over before --kill-at, so that nothing was killed: give an earlier time, or "
          "a longer workload");
    }
    return result;
  }
  if (killed && control->killed_at_ns > 0) return killed->count(control->killed_at_ns);
  RunResult result;
  result.flags.emplace_back(kNotCounted);
  result.failure = "the cell's process " + outcome.death;
  return result;
}

}  // namespace cachegauge
