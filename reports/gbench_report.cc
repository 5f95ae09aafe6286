// The JSON that Google Benchmark writes with --benchmark_format=json, so that its compare.py reads
// runs as well: a benchmark for each result and op. real_time is the mean response time, cpu_time
// what the client's processor took for a request; the cache's figures are counters beside them.
#include <fmt/format.h>

#include "harness/core/metrics.h"
#include "reports/json.h"
#include "reports/report_formats.h"
#include "reports/run_hazards.h"

namespace cachegauge {
namespace {

struct Op {
  std::string_view name;
  Timing timing;
  uint64_t Counters::*count;
};
constexpr Op kOps[] = {{"get", Timing::kResponseGet, &Counters::gets},
                       {"set", Timing::kResponseSet, &Counters::sets},
                       {"add", Timing::kResponseAdd, &Counters::adds},
                       {"delete", Timing::kResponseDelete, &Counters::deletes}};

Json context_json(NamedReports reports) {
  const MachineContext context =
      reports.empty() ? MachineContext() : reports.front().report.context;
  Json json = {{"date", context.started_at}, {"host_name", context.host},
               {"executable", "cachegauge"}, {"num_cpus", context.cores},
               {"load_avg", Json::array()},  {"cachegauge_read_with_care", Json::array()}};
  if (context.load) json["load_avg"].push_back(*context.load);
  for (const NamedReport& named : reports) {
    for (const Hazard& hazard : run_hazards(named.report)) {
      json["cachegauge_read_with_care"].push_back(
          fmt::format("{}: {}: {}", named.name, hazard.kind, hazard.text));
    }
  }
  return json;
}

Json benchmark_json(const std::string& name, const CellReport& cell) {
  std::string label = fmt::format("{}", fmt::join(cell.result.flags, " "));
  if (cell.result.interrupted) label += label.empty() ? "interrupted" : " interrupted";
  Json json = {{"name", name},
               {"run_name", name},
               {"run_type", "iteration"},
               {"repetition_index", cell.repetition - 1},
               {"threads", 1}};
  if (!label.empty()) json["label"] = label;
  return json;
}

// Their reader wants the times of what failed as well; they write 0.
Json failed_json(const std::string& name, const CellReport& cell) {
  Json json = benchmark_json(name, cell);
  json.update({{"error_occurred", true},
               {"error_message", cell.result.failure},
               {"iterations", 0},
               {"real_time", 0.0},
               {"cpu_time", 0.0},
               {"time_unit", "ns"}});
  return json;
}

Json op_json(const std::string& name, const CellReport& cell, const Op& op) {
  const TimingMetrics times = derive_timing(cell.result.timing(op.timing));
  const Metrics metrics = derive_metrics(cell.result);
  Json json = benchmark_json(name, cell);
  json["iterations"] = cell.result.counters.*op.count;
  json["real_time"] = times.mean_ns;
  json["cpu_time"] = metrics.client_cpu_ns_per_request.value_or(0);
  json["time_unit"] = "ns";
  json["p50_ns"] = times.p50_ns;
  json["p99_ns"] = times.p99_ns;
  if (metrics.throughput_rps) json["items_per_second"] = *metrics.throughput_rps;
  if (metrics.hit_ratio) json["hit_ratio"] = *metrics.hit_ratio;
  if (metrics.bytes_per_item) json["bytes_per_item"] = *metrics.bytes_per_item;
  return json;
}

void add_cell(Json& benchmarks, const std::string& name, const CellReport& cell) {
  if (!cell.result.failure.empty()) {
    benchmarks.push_back(failed_json(name, cell));
    return;
  }
  for (const Op& op : kOps) {
    if (cell.result.timing(op.timing).empty()) continue;
    benchmarks.push_back(op_json(fmt::format("{}/{}", name, op.name), cell, op));
  }
}

}  // namespace

std::string write_gbench(NamedReports reports, const TextTableStyle&) {
  Json json = {{"context", context_json(reports)}, {"benchmarks", Json::array()}};
  for (const NamedReport& named : reports) {
    for (const CellReport& cell : named.report.cells) {
      const std::string from = reports.size() > 1 ? named.name + ": " : "";
      add_cell(json["benchmarks"], from + cell.label.id(), cell);
    }
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cachegauge
