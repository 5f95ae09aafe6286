// What the page of `report --html` shows beside the report's own JSON: what was found, what to
// beware of, which cells are compared and how they rank, and the curves of their percentiles. All
// of it comes from the code that the other formats use; the page formats and draws.
//
// The curves are computed here and not in the browser, out of the JSON's `histogram`: the buckets
// and the rule for a percentile then stand in one place (harness/core/histogram.h), the page needs
// no decoder of its own, and a few dozen points take less room than the counts.
#pragma once

#include "reports/json_parts.h"
#include "reports/report_reader.h"
#include "reports/text_table.h"

namespace cachegauge {

// x of a curve's points, 1 / (1 - p): ten to a decade, among them 2, 10, 100 … (p50, p90, p99 …).
const std::vector<double>& curve_levels();

// {count, ns}: `ns` holds the percentile at each level below `count`, and the maximum last, whose x
// is `count`.
Json percentile_curve(const Histogram& histogram);

// {name, columns[], rows[{name, cells[{text, range, best}]}]}
Json html_table(const TextTable& table);

// {hazards[{kind, text}], hazard_summary, finding[lines], levels[], columns[{metric, name, heading,
// unit, better}], workloads[{label, requests, unique_keys, origin, columns[metric], best{metric:
// id}, worst{metric: id}, cells[{id, name, bounded, state, failure, metrics, curves}]}]}. Hazards
// come gravest first, cells best hit ratio first.
Json html_model(const RunReport& report);

// The same of a report of another kind, whose JSON is `report`: its own finding, and one workload
// without cells; of a simulation tables[], as html_table() makes them.
Json html_model(const NamedReport& named, const Json& report);

}  // namespace cachegauge
