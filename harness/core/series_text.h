// The lines of a RunResult's text that hold its series and its hit history (docs/run_result.md).
#pragma once

#include <string>

#include "harness/core/hit_history.h"
#include "harness/core/line_reader.h"
#include "harness/core/series.h"

namespace cachegauge {

// A line for the series and one for each bucket; nothing for a series that was not taken.
void append_series(std::string& out, const Series& series);
void append_hit_history(std::string& out, const HitHistory& history);

// The end of a line: " SLOT:COUNT" for each slot. Reading it throws Error::failed.
void append_times(std::string& out, const CoarseTimes& times);
CoarseTimes read_times(LineReader& line);

// After the line's first word. Throw Error::failed for what no series or history has.
Series read_series(LineReader& line);  // without its buckets
SeriesBucket read_series_bucket(LineReader& line);
HitHistory read_hit_history(LineReader& line);

}  // namespace cachegauge
