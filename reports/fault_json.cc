#include "reports/fault_json.h"

#include "reports/json_parts.h"
#include "reports/read_parts.h"

namespace cachegauge {
namespace {

std::optional<double> seconds(std::optional<int64_t> ns) {
  if (!ns) return std::nullopt;
  return static_cast<double>(*ns) / 1e9;
}

Json window_json(const FaultWindow& window) {
  const FaultWindowMetrics m = derive_fault_window(window);
  Json json = {{"duration_s", m.duration_s},
               {"throughput_rps", known(m.throughput_rps)},
               {"hit_ratio", known(m.hit_ratio)},
               {"p50_ns", known(m.p50_ns)},
               {"p99_ns", known(m.p99_ns)},
               {"max_ns", known(m.max_ns)},
               {"origin_calls_per_s", known(m.origin_calls_per_s)}};
  for (const FaultWindowField& field : fault_window_fields()) {
    json[std::string(field.name)] = window.*field.field;
  }
  return json;
}

Json fault_json(const FaultResult& fault, const Series& series) {
  const FaultRecovery recovery = fault_recovery(fault, series);
  Json json = {{"spec", fault.spec},
               {"name", fault.name},
               {"on", fault.on_origin ? "origin" : "cache"},
               {"means", fault_means_name(fault.means)},
               {"at_s", static_cast<double>(fault.at_ns) / 1e9},
               {"began_s", known(seconds(fault.began_ns))},
               {"ended_s", known(seconds(fault.ended_ns))},
               {"recovery_s",
                {{"hit_ratio", known(seconds(recovery.hit_ratio_ns))},
                 {"p99", known(seconds(recovery.p99_ns))}}}};
  for (size_t i = 0; i < kFaultStretches; ++i) {
    json[std::string(kFaultStretchNames[i])] = window_json(fault.windows[i]);
  }
  return json;
}

std::optional<int64_t> ns_in(const JsonNode& node, std::string_view name) {
  const auto found = node.find(name);
  if (!found) return std::nullopt;
  return found->seconds_as_ns();
}

FaultWindow read_window(const JsonNode& node) {
  FaultWindow window;
  window.duration_ns = node.at("duration_s").seconds_as_ns();
  for (const FaultWindowField& field : fault_window_fields()) {
    window.*field.field = node.at(field.name).count();
  }
  if (const auto p99 = node.find("p99_ns")) {
    window.times.slots.push_back({CoarseTimes::slot_of(p99->nanoseconds()), 1});
  }
  return window;
}

FaultResult read_fault(const JsonNode& node) {
  FaultResult fault;
  fault.spec = node.at("spec").text();
  fault.name = node.at("name").text();
  fault.on_origin = node.at("on").text() == "origin";
  const std::string means = node.at("means").text();
  for (FaultMeans one : {FaultMeans::kServer, FaultMeans::kProxy}) {
    if (fault_means_name(one) == means) fault.means = one;
  }
  fault.at_ns = node.at("at_s").seconds_as_ns();
  fault.began_ns = ns_in(node, "began_s");
  fault.ended_ns = ns_in(node, "ended_s");
  for (size_t i = 0; i < kFaultStretches; ++i) {
    fault.windows[i] = read_window(node.at(kFaultStretchNames[i]));
  }
  return fault;
}

}  // namespace

void add_faults(Json& json, const RunResult& result) {
  json["virtual_s"] = nullptr;
  if (result.virtual_ns > 0) json["virtual_s"] = static_cast<double>(result.virtual_ns) / 1e9;
  json["cache_errors"] = nullptr;
  if (const auto& counts = result.cache_errors) {
    json["cache_errors"] = {{"fallbacks", counts->fallbacks},
                            {"stale_served", counts->stale_served},
                            {"outdated_served", counts->outdated_served},
                            {"failed_requests", counts->failed_requests}};
  }
  json["faults"] = Json::array();
  for (const FaultResult& fault : result.faults) {
    json["faults"].push_back(fault_json(fault, result.series));
  }
}

void read_faults(const JsonNode& node, RunResult& result) {
  result.virtual_ns = ns_in(node, "virtual_s").value_or(0);
  if (const auto counts = node.find("cache_errors")) {
    result.cache_errors = {.fallbacks = counts->at("fallbacks").count(),
                           .stale_served = counts->at("stale_served").count(),
                           .outdated_served = counts->at("outdated_served").count(),
                           .failed_requests = counts->at("failed_requests").count()};
  }
  const auto faults = node.find("faults");
  if (!faults) return;
  for (const JsonNode& item : faults->items()) result.faults.push_back(read_fault(item));
}

}  // namespace cachegauge
