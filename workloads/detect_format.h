#pragma once

#include "workloads/formats/trace_format.h"

namespace cachegauge {

// The format of a trace by content and by the file's name, compression suffixes left out. Content
// goes first: a format that is certain of it is taken if it is the only one, and among several the
// one that the name says. Where none is certain the name decides, unless the content speaks against
// it. Throws Error::failed listing the formats it could be: a wrong guess would be worse.
const TraceFormat& detect_format(const TraceSample& sample);

}  // namespace cachegauge
