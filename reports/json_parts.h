// What the JSON reports of every kind have in common.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/histogram.h"
#include "harness/core/report.h"
#include "reports/json.h"
#include "reports/json_report.h"

namespace cachegauge {

template <class T>
Json known(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}
Json text_or_null(std::string_view text);
Json count_or_null(uint64_t count);

// Calls visit(path, value) for each text, number, truth and null in it, lists left out.
template <class Visit>
void for_each_leaf(const Json& json, const std::string& path, const Visit& visit) {
  if (json.is_array()) return;
  if (!json.is_object()) return visit(path, json);
  for (const auto& [name, value] : json.items()) {
    for_each_leaf(value, path.empty() ? name : path + "." + name, visit);
  }
}

// Bytes that are not UTF-8 become U+FFFD.
std::string dump(const Json& json, int indent);

// Null of an empty one.
Json timing_json(const Histogram& histogram);
// A text's lines, in an array.
Json lines_json(const std::string& text);

Json summary_json(const Summary& summary);
// Of a report that is about one workload.
Json traced_workload_json(const std::string& label, const WorkloadFacts& workload);
Json tool_json();
Json context_json(const MachineContext& context);
// Of the resolved experiment, which is given as the text of a JSON object.
Json experiment_json(const std::string& text);

// What stands first in a report of any of these kinds: kind to warnings[].
template <class Report>
Json report_head(std::string_view kind, const Report& report) {
  return {{"kind", kind},
          {"schema_version", kReportSchemaVersion},
          {"tool", tool_json()},
          {"context", context_json(report.context)},
          {"experiment", experiment_json(report.experiment_json)},
          {"interrupted", report.interrupted},
          {"warnings", report.warnings}};
}

}  // namespace cachegauge
