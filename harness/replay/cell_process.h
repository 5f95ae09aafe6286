// A cell in a child process of its own: its memory is its own, and a crash is a failed cell.
#pragma once

#include <functional>

#include "harness/replay/cell.h"

namespace cachegauge {

// Forks, runs the cell there, and gives back its result. An Error of the cell is thrown here as it
// was; a child that died gives a result without counts, whose `failure` says how. `watch` is called
// about five times a second while the cell runs; it may set control.stop. The child dies with this
// process. Call it while this process has one thread.
RunResult run_cell_in_child(const CellPlan& plan, const CellHooks& hooks,
                            const std::function<void(CellControl&)>& watch);

}  // namespace cachegauge
