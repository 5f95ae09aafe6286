// What stdout is: how wide, and whether colours are welcome.
#pragma once

#include "reports/run_table.h"

namespace cachegauge {

// Of a terminal its width, and colours unless NO_COLOR is set; of a file or a pipe neither.
TableStyle terminal_style();

}  // namespace cachegauge
