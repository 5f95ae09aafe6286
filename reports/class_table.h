// The figures of each class of keys, of cells that were kept by class: what stands below the table
// of a workload's cells.
#pragma once

#include "reports/run_comparison.h"
#include "reports/text_table.h"

namespace cachegauge {

// A row for each class of each cell; none if no cell has classes.
TextTable class_table(const ComparedWorkload& workload);

}  // namespace cachegauge
