#include "reports/json_report.h"

#include <algorithm>

#include "harness/core/metrics.h"
#include "reports/fault_json.h"
#include "reports/json_parts.h"
#include "reports/pattern_json.h"

namespace cachegauge {
namespace {

// Timing names are paths: "response_time_ns.get_hit".
void add_timings(Json& json, const RunResult& result) {
  for (int i = 0; i < kTimingCount; ++i) {
    const std::string_view name = timing_name(static_cast<Timing>(i));
    const size_t dot = name.find('.');
    if (dot == std::string_view::npos) {
      json[std::string(name)] = timing_json(result.timings[i]);
      continue;
    }
    json[std::string(name.substr(0, dot))][std::string(name.substr(dot + 1))] =
        timing_json(result.timings[i]);
  }
}

Json settings_json(const std::vector<Spec::Param>& settings) {
  Json json = Json::object();
  for (const Spec::Param& setting : settings) json[setting.name] = setting.value;
  return json;
}

Json figures_json(const std::vector<OriginFigure>& figures) {
  Json json;  // null if there are none
  for (const OriginFigure& figure : figures) json[figure.name] = figure.value;
  return json;
}

Json part_hit_ratios_json(const RunResult& result) {
  Json json;
  for (const auto& [part, value] : part_hit_ratios(result)) json[part] = known(value);
  return json;
}

Json cpus_json(const std::vector<int>& cpus) { return cpus.empty() ? Json() : Json(cpus); }

Json placement_json(const RunResult& result) {
  Json json = {{"client_cpus", cpus_json(result.client_cpus)},
               {"server_cpus", cpus_json(result.server_cpus)},
               {"connection", nullptr}};
  for (const Spec::Param& setting : result.adapter_settings) {
    if (setting.name == "connection") json["connection"] = setting.value;
  }
  return json;
}

void add_identity(Json& json, const CellReport& cell) {
  json["id"] = cell.label.id();
  json["match_key"] = cell.label.match_key();
  json["repetition"] = cell.repetition;
  json["adapter"] = {{"spec", cell.adapter_spec},
                     {"kind", cell.adapter_kind},
                     {"bounded", cell.adapter_bounded},
                     {"version", text_or_null(cell.result.adapter_version)},
                     {"settings", settings_json(cell.result.adapter_settings)},
                     {"statistics", figures_json(cell.result.adapter_statistics)},
                     {"hit_ratios", part_hit_ratios_json(cell.result)}};
  json["workload"] = {{"spec", cell.workload.spec},
                      {"given", text_or_null(cell.workload.given)},
                      {"format", text_or_null(cell.workload.format)},
                      {"requests", count_or_null(cell.workload.requests)},
                      {"unique_keys", count_or_null(cell.workload.unique_keys)},
                      {"fingerprint", text_or_null(cell.workload.fingerprint)}};
  json["pattern"] = cell.pattern;
  json["guard"] = cell.guard;
  json["driver"] = cell.driver;
  json["fills"] = cell.fills;
  json["time"] = cell.time;
  json["placement"] = placement_json(cell.result);
}

Json guard_counts_json(const std::optional<GuardCounts>& counts) {
  if (!counts) return nullptr;
  Json json = Json::object();
  for (const GuardCountField& field : guard_count_fields()) {
    json[std::string(field.name)] = (*counts).*field.field;
  }
  return json;
}

Json layer_counts_json(const std::optional<LayerCounts>& counts) {
  if (!counts) return nullptr;
  Json json = Json::object();
  for (const LayerCountField& field : layer_count_fields()) {
    json[std::string(field.name)] = (*counts).*field.field;
  }
  return json;
}

void add_layers(Json& json, const CellReport& cell, const Metrics& metrics) {
  json["codec"] = cell.codec;
  json["key_naming"] = cell.key_naming;
  json["layer_counts"] = layer_counts_json(cell.result.layers);
  json["encoded_ratio"] = known(metrics.encoded_ratio);
  json["codec_share"] = known(metrics.codec_share);
  json["key_bytes"] = nullptr;
  if (metrics.named_key_bytes) {
    json["key_bytes"] = {{"plain", known(metrics.plain_key_bytes)},
                         {"sent", known(metrics.named_key_bytes)}};
  }
}

void add_counts(Json& json, const RunResult& result, const Metrics& metrics) {
  const Counters& c = result.counters;
  json["gets"] = c.gets;
  json["hits"] = c.hits;
  json["misses"] = c.misses;
  json["get_errors"] = c.get_errors;
  json["sets"] = c.sets;
  json["adds"] = c.adds;
  json["deletes"] = c.deletes;
  json["fill_count"] = c.fills;
  json["not_stored"] = c.not_stored;
  json["rejected"] = c.rejected;
  json["errors"] = c.errors;
  json["timeouts"] = c.timeouts;
  json["evictions"] = known(result.adapter.evictions);
  json["expirations"] = known(result.adapter.expirations);
  json["not_admitted"] = known(result.adapter.not_admitted);
  json["corrupt"] = c.corrupt;
  json["stale"] = c.stale;
  json["unverifiable"] = c.unverifiable;
  json["get_bytes"] = c.get_bytes;
  json["hit_bytes"] = c.hit_bytes;
  json["unique_keys"] = c.unique_keys;
  json["skipped_rows"] = c.skipped_rows;
  json["guard_counts"] = guard_counts_json(result.guard);
  add_patterns(json, result, metrics.pattern);
  json["hit_ratio"] = known(metrics.hit_ratio);
  json["byte_hit_ratio"] = known(metrics.byte_hit_ratio);
  json["error_ratio"] = known(metrics.error_ratio);
}

Json capacity_json(const std::optional<Capacity>& capacity) {
  if (!capacity) return nullptr;
  Json trials = Json::array();
  for (const CapacityTrial& trial : capacity->trials) {
    trials.push_back({{"rate_rps", trial.rate},
                      {"achieved_rps", trial.achieved},
                      {"held", trial.held},
                      {"client_bound", trial.client_bound},
                      {"percentiles_ns", trial.percentiles_ns},
                      {"why", text_or_null(trial.why)}});
  }
  return {{"slo", capacity->slo},
          {"rate_rps", known(capacity->rate)},
          {"limited_by", text_or_null(capacity->limited_by)},
          {"trials", std::move(trials)}};
}

void add_load(Json& json, const RunResult& result, const Metrics& metrics) {
  json["duration_s"] = metrics.duration_s;
  json["throughput_rps"] = known(metrics.throughput_rps);
  json["offered_rps"] = known(metrics.offered_rps);
  json["sent_rps"] = known(metrics.sent_rps);
  json["backlog"] = nullptr;
  if (metrics.backlog_mean) {
    json["backlog"] = {{"mean", *metrics.backlog_mean}, {"max", result.load.backlog_max}};
  }
  json["capacity"] = capacity_json(result.capacity);
  json["client_pauses"] = {{"total_s", metrics.client_paused_s},
                           {"longest_s", metrics.client_longest_pause_s}};
  json["concurrency"] = {{"mean", known(metrics.concurrency_mean)},
                         {"max", result.concurrency_max}};
}

void add_resources(Json& json, const CellReport& cell, const Metrics& metrics) {
  const RunResult& result = cell.result;
  const AdapterState& state = result.adapter;
  json["memory"] = {{"bytes_used", known(state.bytes_used)},
                    {"payload_bytes", known(state.payload_bytes)},
                    {"items", known(state.items)},
                    {"bytes_per_item", known(metrics.bytes_per_item)},
                    {"overhead_ratio", known(metrics.overhead_ratio)},
                    {"payload_bytes_per_item", known(metrics.payload_bytes_per_item)},
                    {"overhead_bytes_per_item", known(metrics.overhead_bytes_per_item)},
                    {"rss_extra_bytes_per_item", known(metrics.rss_extra_bytes_per_item)},
                    {"bytes_used_before", known(result.bytes_used_before)},
                    {"growth_bytes_per_request", known(metrics.growth_bytes_per_request)},
                    {"copied_bytes_per_hit", known(metrics.copied_bytes_per_hit)},
                    {"rss_bytes", known(state.rss_bytes)},
                    {"disk_bytes", known(state.disk_bytes)},
                    {"source", text_or_null(state.memory_source)}};
  json["origin"] = {{"spec", text_or_null(cell.origin)},
                    {"version", text_or_null(result.origin_version)},
                    {"settings", settings_json(result.origin_settings)},
                    {"calls", result.counters.origin_calls},
                    {"errors", result.counters.origin_errors},
                    {"peak_concurrency", result.counters.origin_peak_concurrency},
                    {"busy_s", known(metrics.origin_busy_s)},
                    {"break_even_ns", known(metrics.break_even_origin_ns)},
                    {"relief", known(metrics.origin_relief)},
                    {"statistics", figures_json(result.origin_statistics)}};
  json["cpu"] = {{"client_user_s", metrics.client_user_s},
                 {"client_system_s", metrics.client_system_s},
                 {"client_ns_per_request", known(metrics.client_cpu_ns_per_request)},
                 {"client_spin_s", metrics.client_spin_s},
                 {"server_s", known(metrics.server_s)}};
  json["instructions_per_request"] = known(cell.instructions_per_request);
}

void add_series(Json& json, const RunResult& result) {
  const Series& series = result.series;
  json["series_interval_s"] = known(series.interval_s());
  json["series"] = Json::array();
  for (const SeriesPoint& point : series_points(series, result.series_span_ns())) {
    json["series"].push_back({{"t_s", point.t_s},
                              {"throughput_rps", known(point.throughput_rps)},
                              {"hit_ratio", known(point.hit_ratio)},
                              {"p99_ns", known(point.p99_ns)},
                              {"bytes_used", known(point.bytes_used)},
                              {"requests", point.counts.requests},
                              {"gets", point.counts.gets},
                              {"hits", point.counts.hits},
                              {"misses", point.counts.misses},
                              {"errors", point.counts.errors}});
  }
}

// What nobody has counted is not known.
void forget_counts(Json& json, const RunResult& result) {
  constexpr std::string_view kCounted[] = {"concurrency.max",         "client_pauses.total_s",
                                           "client_pauses.longest_s", "cpu.client_user_s",
                                           "cpu.client_system_s",     "cpu.client_spin_s"};
  const auto forget = [&json](std::string_view path) {
    std::string pointer = "/" + std::string(path);
    std::ranges::replace(pointer, '.', '/');
    json[Json::json_pointer(pointer)] = nullptr;
  };
  for (const CounterField& field : counter_fields()) {
    forget(field.report_name.empty() ? field.name : field.report_name);
  }
  for (const std::string_view path : kCounted) forget(path);
  if (result.duration_ns == 0) forget("duration_s");
}

Json result_json(const CellReport& cell) {
  const Metrics metrics = derive_metrics(cell.result);
  Json json = Json::object();
  add_identity(json, cell);
  add_counts(json, cell.result, metrics);
  add_layers(json, cell, metrics);
  add_load(json, cell.result, metrics);
  add_timings(json, cell.result);
  add_resources(json, cell, metrics);
  add_series(json, cell.result);
  add_faults(json, cell.result);
  json["flags"] = cell.result.flags;
  json["warnings"] = cell.result.warnings;
  json["interrupted"] = cell.result.interrupted;
  json["failure"] = text_or_null(cell.result.failure);
  if (!is_counted(cell.result)) forget_counts(json, cell.result);
  return json;
}

Json cell_summary_json(const CellSummary& summary) {
  Json metrics = Json::object();
  for (const auto& [name, s] : summary.metrics) metrics[name] = summary_json(s);
  return {{"id", summary.id}, {"metrics", std::move(metrics)}};
}

}  // namespace

std::string run_report_json(const RunReport& report) {
  Json json = report_head("run", report);
  json["notes"] = report.notes;
  json["flags_to_repeat"] = report.flags_to_repeat;
  json["results"] = Json::array();
  for (const CellReport& cell : report.cells) json["results"].push_back(result_json(cell));
  json["summaries"] = Json::array();
  for (const CellSummary& summary : summarize_cells(report.cells)) {
    json["summaries"].push_back(cell_summary_json(summary));
  }
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
