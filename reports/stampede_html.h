// What the page of `report --html` shows of a stampede.
#pragma once

#include "reports/json.h"
#include "reports/report_reader.h"

namespace cachegauge {

// As html_model() of a report of another kind, and {subject, tables[], theory[{name, formula}]}.
// Its workload has the results as cells, in order: {id, name, curves}, of which curves are
// percentiles of the response times, `response_time_ns.in_window` and `.all`. `named` is of the
// kind "stampede".
Json stampede_html_model(const NamedReport& named);

}  // namespace cachegauge
