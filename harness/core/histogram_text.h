// A histogram as one line of a RunResult's text: "MIN MAX HIGH LOW index:count …".
#pragma once

#include <string>

#include "harness/core/histogram.h"
#include "harness/core/line_reader.h"

namespace cachegauge {

// Appends it, without a line's end.
void append_histogram(std::string& out, const Histogram& histogram);
// Throws Error::failed for what is none.
Histogram read_histogram(LineReader& line);

}  // namespace cachegauge
