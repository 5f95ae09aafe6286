#include "reports/baseline_json.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "reports/json_parts.h"
#include "reports/json_report.h"

namespace cachegauge {
namespace {

// Sorted by key, unlike those of reports.
using SortedJson = nlohmann::json;

// Counts without a ".0".
SortedJson number(double value) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  if (value == std::floor(value) && std::abs(value) < kExact) return static_cast<int64_t>(value);
  return value;
}

// "origin.calls" as a field of an object.
void put(SortedJson& json, std::string_view path, const std::optional<double>& value) {
  SortedJson* at = &json;
  for (size_t dot; (dot = path.find('.')) != std::string_view::npos;) {
    at = &(*at)[std::string(path.substr(0, dot))];
    path.remove_prefix(dot + 1);
  }
  (*at)[std::string(path)] = value ? number(*value) : SortedJson();
}

SortedJson result_json(const MeasuredResult& result) {
  SortedJson json = {{"id", result.id}, {"repetition", result.repetition}};
  if (!result.match_key.empty()) json["match_key"] = result.match_key;
  if (!result.time.empty()) json["time"] = result.time;
  if (!result.fingerprint.empty()) json["workload"]["fingerprint"] = result.fingerprint;
  for (const auto& [path, value] : result.metrics) put(json, path, value);
  return json;
}

}  // namespace

std::string baseline_json(const MeasuredReport& report) {
  SortedJson json = {{"kind", "baseline"},
                     {"schema_version", kReportSchemaVersion},
                     {"of", report.kind},
                     {"experiment_hash", text_or_null(report.experiment_hash)}};
  std::vector<const MeasuredResult*> results;
  for (const MeasuredResult& result : report.results) results.push_back(&result);
  std::sort(results.begin(), results.end(), [](const auto* a, const auto* b) {
    return std::tie(a->id, a->repetition) < std::tie(b->id, b->repetition);
  });
  for (const MeasuredResult* result : results) json["results"].push_back(result_json(*result));
  return json.dump(1, ' ', false, SortedJson::error_handler_t::replace) + "\n";
}

}  // namespace cachegauge
