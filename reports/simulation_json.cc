#include "reports/simulation_json.h"

#include "harness/core/curve_knee.h"
#include "reports/json_parts.h"
#include "reports/simulation_table.h"

namespace cachegauge {
namespace {

Json params_json(const std::vector<Spec::Param>& params) {
  Json json = Json::object();
  for (const Spec::Param& param : params) json[param.name] = param.value;
  return json;
}

Json workload_json(const SimulationReport& report) {
  Json json = traced_workload_json(report.workload_label, report.workload);
  json["footprint_bytes"] = report.footprint_bytes;
  json["compulsory_misses"] = report.compulsory_misses;
  return json;
}

Json sample_json(const std::optional<SampleFacts>& sample) {
  if (!sample) return nullptr;
  return {{"rate", sample->rate},
          {"seed", sample->seed},
          {"requests", sample->requests},
          {"unique_keys", sample->unique_keys}};
}

Json series_json(const std::vector<SimulationWindow>& series) {
  Json json = Json::array();
  for (const SimulationWindow& window : series) {
    json.push_back(
        {{"request", window.end_request},
         {"t_s", window.end_ns ? Json(static_cast<double>(*window.end_ns) / 1e9) : Json()},
         {"gets", window.gets},
         {"hits", window.hits},
         {"miss_ratio", known(window.miss_ratio())},
         {"evictions", window.evictions}});
  }
  return json;
}

Json result_json(const SimulationReport& report, const SimulationResult& result) {
  const SimulationCounts& c = result.counts;
  Json json = {
      {"id", report.id(result)},
      {"match_key", report.match_key(result)},
      {"policy", result.policy},
      {"kind", result.kind},
      {"params", params_json(result.params)},
      {"offline", result.offline},
      {"size", text_or_null(result.size)},
      {"capacity",
       {{"objects", known(result.capacity_objects)}, {"bytes", known(result.capacity_bytes)}}}};
  for (const SimulationField& field : simulation_fields()) {
    json[std::string(field.name)] = c.*field.count;
  }
  if (!report.origin_ns) json["delayed_hits"] = json["waited_ns"] = nullptr;
  json.update(Json{{"compulsory_misses", report.compulsory_misses},
                   {"hit_ratio", known(hit_ratio(c))},
                   {"miss_ratio", known(miss_ratio(c))},
                   {"byte_hit_ratio", known(byte_hit_ratio(c))},
                   {"byte_miss_ratio", known(byte_miss_ratio(c))},
                   {"miss_ratio_error", known(result.miss_ratio_error)},
                   {"byte_miss_ratio_error", known(result.byte_miss_ratio_error)},
                   {"miss_ratio_by_parts", known(result.miss_ratio_by_parts)},
                   {"simulated", result.simulated},
                   {"cpu_s", static_cast<double>(result.cpu_ns) / 1e9},
                   {"requests_per_second", known(result.requests_per_second())},
                   {"mean_response_ns", known(report.mean_response_ns(result))},
                   {"series", series_json(result.series)}});
  return json;
}

Json curve_json(const SimulationReport& report, const MissRatioCurve& curve) {
  Json json = {{"id", report.id(curve)},         {"match_key", report.match_key(curve)},
               {"policy", curve.policy},         {"unit", curve.in_bytes ? "bytes" : "objects"},
               {"method", curve.method},         {"exact", curve.exact},
               {"holds_from", curve.holds_from}, {"gets", curve.gets},
               {"get_bytes", curve.get_bytes},   {"cpu_s", static_cast<double>(curve.cpu_ns) / 1e9},
               {"knee", known(knee_of(curve))},  {"points", Json::array()}};
  for (const CurvePoint& point : curve.points) {
    json["points"].push_back({{"size", point.size},
                              {"misses", point.misses},
                              {"miss_bytes", point.miss_bytes},
                              {"miss_ratio", known(curve.miss_ratio(point))},
                              {"byte_miss_ratio", known(curve.byte_miss_ratio(point))},
                              {"miss_ratio_error", known(point.miss_ratio_error)},
                              {"byte_miss_ratio_error", known(point.byte_miss_ratio_error)}});
  }
  return json;
}

}  // namespace

std::string simulation_report_json(const SimulationReport& report) {
  Json json = report_head("simulate", report);
  json["workload"] = workload_json(report);
  json["sample"] = sample_json(report.sample);
  json["fills"] = report.fills;
  json["origin_ns"] = known(report.origin_ns);
  json["cache_rtt_ns"] = report.cache_rtt_ns;
  json["cost"] = {{"decode_s", static_cast<double>(report.decode_ns) / 1e9},
                  {"intern_s", static_cast<double>(report.intern_ns) / 1e9},
                  {"workload_bytes", report.memory_bytes},
                  {"spilled_bytes", report.spilled_bytes}};
  json["results"] = Json::array();
  for (const SimulationResult& result : report.results) {
    json["results"].push_back(result_json(report, result));
  }
  json["curves"] = Json::array();
  for (const MissRatioCurve& curve : report.curves) {
    json["curves"].push_back(curve_json(report, curve));
  }
  json["finding"] = lines_json(simulation_finding(report));
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
