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
  const WorkloadFacts& workload = report.workload;
  return {{"spec", workload.spec},
          {"format", text_or_null(workload.format)},
          {"requests", workload.requests},
          {"unique_keys", workload.unique_keys},
          {"fingerprint", text_or_null(workload.fingerprint)},
          {"footprint_bytes", report.footprint_bytes}};
}

Json result_json(const SimulationReport& report, const SimulationResult& result) {
  const SimulationCounts& c = result.counts;
  return {{"id", report.id(result)},
          {"match_key", report.match_key(result)},
          {"policy", result.policy},
          {"kind", result.kind},
          {"params", params_json(result.params)},
          {"offline", result.offline},
          {"size", text_or_null(result.size)},
          {"capacity",
           {{"objects", known(result.capacity_objects)}, {"bytes", known(result.capacity_bytes)}}},
          {"requests", c.requests},
          {"gets", c.gets},
          {"hits", c.hits},
          {"misses", c.misses},
          {"compulsory_misses", report.compulsory_misses},
          {"sets", c.sets},
          {"write_hits", c.write_hits},
          {"adds", c.adds},
          {"deletes", c.deletes},
          {"admissions", c.admissions},
          {"declined", c.declined},
          {"evictions", c.evictions},
          {"expirations", c.expirations},
          {"get_bytes", c.get_bytes},
          {"hit_bytes", c.hit_bytes},
          {"hit_ratio", known(hit_ratio(c))},
          {"miss_ratio", known(miss_ratio(c))},
          {"byte_hit_ratio", known(byte_hit_ratio(c))},
          {"byte_miss_ratio", known(byte_miss_ratio(c))},
          {"cpu_s", static_cast<double>(result.cpu_ns) / 1e9},
          {"requests_per_second", known(result.requests_per_second())}};
}

Json curve_json(const SimulationReport& report, const MissRatioCurve& curve) {
  Json json = {{"id", report.id(curve)},
               {"match_key", report.match_key(curve)},
               {"policy", curve.policy},
               {"unit", curve.in_bytes ? "bytes" : "objects"},
               {"method", curve.method},
               {"exact", curve.exact},
               {"gets", curve.gets},
               {"get_bytes", curve.get_bytes},
               {"cpu_s", static_cast<double>(curve.cpu_ns) / 1e9},
               {"knee", known(knee_of(curve))},
               {"points", Json::array()}};
  for (const CurvePoint& point : curve.points) {
    json["points"].push_back({{"size", point.size},
                              {"misses", point.misses},
                              {"miss_ratio", known(curve.miss_ratio(point))},
                              {"byte_miss_ratio", known(curve.byte_miss_ratio(point))}});
  }
  return json;
}

}  // namespace

std::string simulation_report_json(const SimulationReport& report) {
  Json json = report_head("simulate", report);
  json["workload"] = workload_json(report);
  json["fills"] = report.fills;
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
