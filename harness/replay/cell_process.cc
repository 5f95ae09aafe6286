#include "harness/replay/cell_process.h"

#include "harness/core/shared_memory.h"
#include "harness/replay/forked_task.h"

namespace cachegauge {

RunResult run_cell_in_child(const CellPlan& plan, const CellHooks& hooks,
                            const std::function<void(CellControl&)>& watch) {
  SharedMemory<CellControl> control;
  ForkedTask cell([&] { return serialize(run_cell(plan, *control, hooks)); });
  const ForkedTask::Outcome outcome = cell.finish([&] { watch(*control); });
  if (outcome.death.empty()) return parse_run_result(outcome.text);
  RunResult result;
  result.failure = "the cell's process " + outcome.death;
  return result;
}

}  // namespace cachegauge
