#include "reports/pattern_json.h"

#include "reports/json_parts.h"
#include "reports/read_parts.h"

namespace cachegauge {
namespace {

// What a killed process had counted is not known.
Json pattern_json(const std::optional<PatternFigures>& pattern, const PatternShares& shares,
                  const Histogram& writes) {
  if (!pattern) return nullptr;
  const PatternFigures& figures = *pattern;
  Json json = Json::object();
  for (const PatternCountField& field : pattern_count_fields()) {
    json[std::string(field.name)] = figures.killed_at_ns ? Json() : Json(figures.*field.field);
  }
  json["acknowledged_writes"] = figures.acknowledged_writes;
  for (const PatternFindingField& field : pattern_finding_fields()) {
    json[std::string(field.name)] = known(figures.*field.field);
  }
  json["stale_share"] = known(shares.stale);
  json["unread_share"] = known(shares.unread);
  json["lost_share"] = known(shares.lost);
  json["write_response_ns"] = timing_json(writes);
  for (const PatternHistogramField& field : pattern_histogram_fields()) {
    json[std::string(field.name)] = timing_json(figures.*field.field);
  }
  json["killed_at_ns"] = known(figures.killed_at_ns);
  return json;
}

Json class_json(const ClassFigures& figures) {
  Json json = {{"pattern", figures.pattern_spec}, {"requests", figures.requests()}};
  for (const ClassCountField& field : class_count_fields()) {
    if (field.report_name.empty()) json[std::string(field.name)] = figures.*field.field;
  }
  json["hit_ratio"] = known(hit_ratio(figures));
  json["origin"] = {{"calls", figures.origin_calls}, {"errors", figures.origin_errors}};
  json["response_time_ns"] = {{"all", timing_json(all_responses(figures))},
                              {"get", timing_json(figures.get_response_ns)},
                              {"write", timing_json(figures.write_response_ns)}};
  json["pattern_figures"] =
      pattern_json(figures.pattern, pattern_shares(figures), figures.write_response_ns);
  return json;
}

std::optional<PatternFigures> read_pattern_figures(const JsonNode& node) {
  const auto found = node.find("pattern_figures");
  if (!found) return std::nullopt;
  PatternFigures figures;
  for (const PatternCountField& field : pattern_count_fields()) {
    figures.*field.field = count_in(*found, field.name).value_or(0);
  }
  for (const PatternFindingField& field : pattern_finding_fields()) {
    figures.*field.field = count_in(*found, field.name);
  }
  for (const PatternHistogramField& field : pattern_histogram_fields()) {
    if (const auto histogram = found->find(field.name)) {
      figures.*field.field = read_histogram(*histogram);
    }
  }
  if (const auto killed = found->find("killed_at_ns")) figures.killed_at_ns = killed->nanoseconds();
  return figures;
}

ClassFigures read_class(const std::string& name, const JsonNode& node) {
  ClassFigures figures;
  figures.name = name;
  figures.pattern_spec = node.at("pattern").text();
  for (const ClassCountField& field : class_count_fields()) {
    if (field.report_name.empty()) figures.*field.field = node.at(field.name).count();
  }
  figures.origin_calls = node.at("origin").at("calls").count();
  figures.origin_errors = node.at("origin").at("errors").count();
  figures.get_response_ns = read_histogram(node.at("response_time_ns").at("get"));
  figures.write_response_ns = read_histogram(node.at("response_time_ns").at("write"));
  figures.pattern = read_pattern_figures(node);
  return figures;
}

}  // namespace

void add_patterns(Json& json, const RunResult& result, const PatternShares& shares) {
  json["pattern_figures"] = pattern_json(result.pattern, shares, write_responses(result));
  json["classes"] = nullptr;
  for (const ClassFigures& figures : result.classes) {
    json["classes"][figures.name] = class_json(figures);
  }
}

void read_patterns(const JsonNode& node, RunResult& result) {
  result.pattern = read_pattern_figures(node);
  const auto classes = node.find("classes");
  if (!classes) return;
  for (const auto& [name, figures] : classes->members()) {
    result.classes.push_back(read_class(name, figures));
  }
}

}  // namespace cachegauge
