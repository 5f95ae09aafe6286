// What the readers of reports of several kinds have in common, as json_parts.h has for the writers.
// All throw as JsonNode does.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/histogram.h"
#include "harness/core/report.h"
#include "reports/json_node.h"

namespace cachegauge {

// Of a member; none if it is missing or null.
template <class Read>
auto part_in(const JsonNode& node, std::string_view name, Read read)
    -> std::optional<decltype(read(node))> {
  const auto found = node.find(name);
  if (!found) return std::nullopt;
  return read(*found);
}
std::optional<uint64_t> count_in(const JsonNode& node, std::string_view name);
std::optional<double> number_in(const JsonNode& node, std::string_view name);
std::optional<bool> truth_in(const JsonNode& node, std::string_view name);

// A text that reporters take to be worded by this program: fit for a terminal, whoever wrote it.
std::string plain_text(const JsonNode& node);

// Of each item of a member that is a list.
template <class Read>
auto list_in(const JsonNode& node, std::string_view name, Read read)
    -> std::vector<decltype(read(node))> {
  std::vector<decltype(read(node))> items;
  for (const JsonNode& item : node.at(name).items()) items.push_back(read(item));
  return items;
}

// As timing_json() writes it: null is an empty one.
Histogram read_histogram(const JsonNode& node);

MachineContext read_context(const JsonNode& node);
WorkloadFacts read_workload_facts(const JsonNode& node);

// What report_head() writes, but for kind and version.
template <class Report>
void read_head(const JsonNode& root, Report& report) {
  report.context = read_context(root.at("context"));
  report.experiment_json = root.at("experiment").json().dump();
  report.interrupted = root.at("interrupted").truth();
  report.warnings = root.at("warnings").texts();
}

}  // namespace cachegauge
