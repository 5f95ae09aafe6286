// Reports as the gate sees them, in a line.
#pragma once

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "harness/core/measured_report.h"

namespace cachegauge {

using Metrics = std::map<std::string, std::optional<double>>;

inline MeasuredResult result_of(const std::string& id, Metrics metrics,
                                const std::string& time = "virtual") {
  MeasuredResult result;
  result.id = id;
  result.match_key = "zipf/none";
  result.time = time;
  result.fingerprint = "f00d";
  result.metrics = std::move(metrics);
  return result;
}

inline MeasuredReport report_of(const std::string& name, std::vector<MeasuredResult> results) {
  MeasuredReport report;
  report.name = name;
  report.kind = "run";
  report.results = std::move(results);
  return report;
}

// One result with as many repetitions as there are values of the metric.
inline MeasuredReport repeated(const std::string& name, const std::string& metric,
                               std::initializer_list<double> values) {
  std::vector<MeasuredResult> results;
  for (double value : values) results.push_back(result_of("zipf/lru/none", {{metric, value}}));
  return report_of(name, std::move(results));
}

}  // namespace cachegauge
