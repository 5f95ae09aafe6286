#pragma once

#include "reports/text_table.h"

namespace cachegauge {

// What stdout can show: its width, and colours if it is a terminal and NO_COLOR is not set.
TextTableStyle terminal_style();

}  // namespace cachegauge
