#include "reports/simulation_reader.h"

#include <fmt/format.h>

#include "reports/read_parts.h"

namespace cachegauge {
namespace {

SampleFacts read_sample(const JsonNode& node) {
  return {.rate = node.at("rate").number(),
          .seed = node.at("seed").count(),
          .requests = node.at("requests").count(),
          .unique_keys = node.at("unique_keys").count()};
}

SimulationWindow read_window(const JsonNode& node) {
  return {.end_request = node.at("request").count(),
          .end_ns = part_in(node, "t_s", [](const JsonNode& t) { return t.seconds_as_ns(); }),
          .gets = node.at("gets").count(),
          .hits = node.at("hits").count(),
          .evictions = node.at("evictions").count()};
}

// Those that take time are null in a simulation where nothing does.
SimulationCounts read_counts(const JsonNode& node) {
  SimulationCounts counts;
  for (const SimulationField& field : simulation_fields()) {
    const JsonNode value = node.at(field.name);
    if (!value.json().is_null()) counts.*field.count = value.count();
  }
  if (counts.hits + counts.misses != counts.gets) {
    node.at("gets").fail(fmt::format("is {}, but hits and misses are {} together", counts.gets,
                                     counts.hits + counts.misses));
  }
  if (counts.delayed_hits > counts.misses) node.at("delayed_hits").fail("is more than misses");
  if (counts.hit_bytes > counts.get_bytes) node.at("hit_bytes").fail("is more than get_bytes");
  return counts;
}

SimulationResult read_simulation_result(const JsonNode& node) {
  SimulationResult result;
  node.at("id").text();  // which is made anew
  result.policy = plain_text(node.at("policy"));
  result.kind = node.at("kind").text();
  for (const auto& [name, value] : node.at("params").members()) {
    result.params.push_back({name, value.text()});
  }
  result.offline = node.at("offline").truth();
  if (const auto size = node.find("size")) result.size = plain_text(*size);
  result.capacity_objects = count_in(node.at("capacity"), "objects");
  result.capacity_bytes = count_in(node.at("capacity"), "bytes");
  if (!result.size.empty() && !result.capacity_objects && !result.capacity_bytes) {
    node.at("capacity").fail("has neither objects nor bytes");
  }
  result.counts = read_counts(node);
  result.miss_ratio_error = number_in(node, "miss_ratio_error");
  result.byte_miss_ratio_error = number_in(node, "byte_miss_ratio_error");
  result.miss_ratio_by_parts = number_in(node, "miss_ratio_by_parts");
  result.simulated = node.at("simulated").count();
  result.cpu_ns = node.at("cpu_s").seconds_as_ns();
  result.series = list_in(node, "series", read_window);
  return result;
}

CurvePoint read_point(const JsonNode& node) {
  return {.size = node.at("size").count(),
          .misses = node.at("misses").count(),
          .miss_bytes = node.at("miss_bytes").count(),
          .miss_ratio_error = number_in(node, "miss_ratio_error"),
          .byte_miss_ratio_error = number_in(node, "byte_miss_ratio_error")};
}

MissRatioCurve read_curve(const JsonNode& node) {
  MissRatioCurve curve = {.policy = plain_text(node.at("policy")),
                          .in_bytes = node.at("unit").text() == "bytes",
                          .method = node.at("method").text(),
                          .exact = node.at("exact").truth(),
                          .holds_from = count_in(node, "holds_from").value_or(1),
                          .gets = node.at("gets").count(),
                          .get_bytes = node.at("get_bytes").count(),
                          .points = list_in(node, "points", read_point),
                          .cpu_ns = node.at("cpu_s").seconds_as_ns()};
  uint64_t last = 0;
  for (const CurvePoint& point : curve.points) {
    if (point.size <= last) node.at("points").fail("sizes do not rise from 1");
    if (point.misses > curve.gets) node.at("points").fail("there are more misses than gets");
    last = point.size;
  }
  return curve;
}

}  // namespace

SimulationReport read_simulation(const JsonNode& root) {
  SimulationReport report;
  read_head(root, report);
  const JsonNode workload = root.at("workload"), cost = root.at("cost");
  report.workload_label = workload.at("label").text();
  report.workload = read_workload_facts(workload);
  report.footprint_bytes = workload.at("footprint_bytes").count();
  report.compulsory_misses = workload.at("compulsory_misses").count();
  report.sample = part_in(root, "sample", read_sample);
  report.fills = plain_text(root.at("fills"));
  report.origin_ns =
      part_in(root, "origin_ns", [](const JsonNode& ns) { return ns.nanoseconds(); });
  report.cache_rtt_ns = root.at("cache_rtt_ns").nanoseconds();
  report.decode_ns = cost.at("decode_s").seconds_as_ns();
  report.intern_ns = cost.at("intern_s").seconds_as_ns();
  report.memory_bytes = cost.at("workload_bytes").count();
  report.spilled_bytes = cost.at("spilled_bytes").count();
  report.results = list_in(root, "results", read_simulation_result);
  report.curves = list_in(root, "curves", read_curve);
  return report;
}

}  // namespace cachegauge
