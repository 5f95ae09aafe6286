// What the page of `report --html` shows of a JSON of `micro`.
#pragma once

#include "reports/json.h"
#include "reports/report_reader.h"

namespace cachegauge {

// As html_model() of a report of another kind, and {kind, grids[{heading, of_codecs, threads,
// subject, bytes_name, columns[{operation, items}], rows[{name, payload, overhead, bytes,
// figures[{time_ns, failure, best} or null]}]}]}. `named` is of the kind "micro".
Json micro_html_model(const NamedReport& named);

}  // namespace cachegauge
