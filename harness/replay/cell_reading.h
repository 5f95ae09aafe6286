// What is read of a cell at both ends of its measured interval.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/core/adapter.h"
#include "harness/core/run_result.h"
#include "harness/replay/cell_origin.h"

namespace cachegauge {

// Cumulative figures at one moment; the measured interval lies between two of them.
struct CellReading {
  int64_t time_ns = 0;
  int64_t user_ns = 0;
  int64_t system_ns = 0;
  AdapterState adapter;
  std::vector<AdapterFigure> adapter_figures;
  std::vector<OriginFigure> origin;
};

CellReading read_cell(Adapter& adapter, const CellOrigin& origin);

// Of this process until now.
struct CpuUse {
  int64_t user_ns = 0;
  int64_t system_ns = 0;
};
CpuUse cpu_use();

// What the backend says of itself, and counted since `before`; a warning if it does not answer.
void describe_adapter(Adapter& adapter, const CellReading& before, RunResult& result);

}  // namespace cachegauge
