#include "reports/report_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include "harness/core/metrics.h"
#include "harness/core/version.h"
#include "reports/fault_json.h"
#include "reports/json_node.h"
#include "reports/json_report.h"
#include "reports/micro_reader.h"
#include "reports/pattern_json.h"
#include "reports/profile_reader.h"
#include "reports/read_parts.h"
#include "reports/simulation_reader.h"
#include "reports/stampede_reader.h"

namespace cachegauge {
namespace {

// 0 where it is null, as it is of a result whose counts are not known.
int64_t seconds_in(const JsonNode& node, std::string_view name) {
  node.at(name);
  const auto found = node.find(name);
  return found ? found->seconds_as_ns() : 0;
}

// "origin.calls", "response_time_ns.get_hit"
JsonNode at_path(JsonNode node, std::string_view path) {
  for (size_t dot; (dot = path.find('.')) != std::string_view::npos;) {
    node = node.at(path.substr(0, dot));
    path.remove_prefix(dot + 1);
  }
  return node.at(path);
}

using Kinds = std::span<const std::string_view>;
constexpr std::string_view kRunAlone[] = {"run"};
constexpr std::string_view kAnyKind[] = {"run", "simulate", "profile", "stampede"};

void check_kind(const JsonNode& root, std::string_view file, Kinds kinds) {
  refuse_benchmark_json(root, file);
  const std::string kind = root.at("kind").text();
  if (std::find(kinds.begin(), kinds.end(), kind) == kinds.end()) {
    throw Error::failed(fmt::format(
        "{}: kind: this is a report of kind \"{}\", and only those of kind \"{}\" can be read",
        file, kind, fmt::join(kinds, "\", \"")));
  }
  const uint64_t version = root.at("schema_version").count();
  if (version != kReportSchemaVersion) {
    throw Error::failed(fmt::format(
        "{}: schema_version: is {}, and cachegauge {} reads {}; use the cachegauge that wrote it",
        file, version, tool_version().version, kReportSchemaVersion));
  }
}

CellLabel read_label(const JsonNode& node) {
  const std::string id = node.text();
  std::vector<std::string> parts(1);
  for (char c : id) {
    if (c == '/') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  const bool any_empty = std::find(parts.begin(), parts.end(), "") != parts.end();
  if (parts.size() != 5 || any_empty) {
    node.fail("expected workload/adapter/pattern/guard/driver, got \"" + id + "\"");
  }
  return {parts[0], parts[1], parts[2], parts[3], parts[4]};
}

// Not in reports from before there were layers.
bool is_later(std::string_view timing) {
  return timing.starts_with("codec_time_ns") || timing == "key_time_ns";
}

void read_counters(const JsonNode& node, RunResult& result) {
  if (!is_counted(result)) return;  // all of them are null
  for (const CounterField& field : counter_fields()) {
    const std::string_view name = field.report_name.empty() ? field.name : field.report_name;
    result.counters.*field.field = at_path(node, name).count();
  }
  const Counters& c = result.counters;
  if (c.hits + c.misses + c.get_errors != c.gets) {
    node.at("gets").fail(fmt::format("is {}, but hits, misses and get_errors are {} together",
                                     c.gets, c.hits + c.misses + c.get_errors));
  }
}

// None where it is null, or the report is from before there were any.
template <class Counts, class Field>
std::optional<Counts> read_counts(const JsonNode& node, std::string_view name,
                                  std::span<const Field> fields) {
  const auto found = node.find(name);
  if (!found) return std::nullopt;
  Counts counts;
  for (const Field& field : fields) {
    counts.*field.field = count_in(*found, field.name).value_or(0);
  }
  return counts;
}

std::vector<OriginFigure> read_figures(const JsonNode& node) {
  std::vector<OriginFigure> figures;
  if (const auto statistics = node.find("statistics")) {
    for (const auto& [name, value] : statistics->members())
      figures.push_back({name, value.count()});
  }
  return figures;
}

void read_adapter(const JsonNode& node, RunResult& result) {
  const JsonNode memory = node.at("memory");
  AdapterState& state = result.adapter;
  state.evictions = count_in(node, "evictions");
  state.expirations = count_in(node, "expirations");
  state.not_admitted = count_in(node, "not_admitted");
  state.bytes_used = count_in(memory, "bytes_used");
  state.payload_bytes = count_in(memory, "payload_bytes");
  state.items = count_in(memory, "items");
  state.rss_bytes = count_in(memory, "rss_bytes");
  result.bytes_used_before = count_in(memory, "bytes_used_before");
  state.disk_bytes = count_in(memory, "disk_bytes");
  state.memory_source = text_in(memory, "source");
  if (const auto server = node.at("cpu").find("server_s")) {
    state.server_cpu_ns = server->seconds_as_ns();
  }
  result.adapter_version = text_in(node.at("adapter"), "version");
  for (const auto& [name, value] : node.at("adapter").at("settings").members()) {
    result.adapter_settings.push_back({name, value.text()});
  }
  result.adapter_statistics = read_figures(node.at("adapter"));
}

// Reports from before there were real origins have none of this.
void read_origin(const JsonNode& node, RunResult& result) {
  result.origin_version = text_in(node, "version");
  if (const auto settings = node.find("settings")) {
    for (const auto& [name, value] : settings->members()) {
      result.origin_settings.push_back({name, value.text()});
    }
  }
  result.origin_statistics = read_figures(node);
}

std::vector<int> read_cpus(const JsonNode& placement, std::string_view name) {
  std::vector<int> cpus;
  const auto found = placement.find(name);
  if (!found) return cpus;
  for (const JsonNode& cpu : found->items()) cpus.push_back(static_cast<int>(cpu.count()));
  return cpus;
}

Capacity read_capacity(const JsonNode& node) {
  Capacity capacity;
  capacity.slo = node.at("slo").text();
  capacity.rate = number_in(node, "rate_rps");
  capacity.limited_by = text_in(node, "limited_by");
  for (const JsonNode& item : node.at("trials").items()) {
    CapacityTrial trial;
    trial.rate = item.at("rate_rps").number();
    trial.achieved = item.at("achieved_rps").number();
    trial.held = item.at("held").truth();
    trial.client_bound = item.at("client_bound").truth();
    for (const JsonNode& ns : item.at("percentiles_ns").items()) {
      trial.percentiles_ns.push_back(ns.nanoseconds());
    }
    trial.why = text_in(item, "why");
    capacity.trials.push_back(std::move(trial));
  }
  return capacity;
}

// How long a schedule must have been, for its requests to come at this rate.
int64_t span_ns(int64_t requests, const JsonNode& node, std::string_view rate) {
  const double rps = number_in(node, rate).value_or(0);
  if (rps <= 0 || requests < 2) return 0;
  return static_cast<int64_t>(
      std::min(std::round(static_cast<double>(requests - 1) * 1e9 / rps), 9e18));
}

// What an open loop offered is reported as rates alone; all of it was answered or given up.
void read_load(const JsonNode& node, RunResult& result) {
  LoadFigures& load = result.load;
  load.paused_ns = seconds_in(node.at("client_pauses"), "total_s");
  load.longest_pause_ns = seconds_in(node.at("client_pauses"), "longest_s");
  load.spin_ns = seconds_in(node.at("cpu"), "client_spin_s");
  const auto backlog = node.find("backlog");
  if (!backlog) return;
  load.offered = static_cast<int64_t>(series_counts(result.counters).requests);
  load.schedule_span_ns = span_ns(load.offered, node, "offered_rps");
  load.sent_span_ns = span_ns(load.offered, node, "sent_rps");
  load.backlog_max = static_cast<int64_t>(backlog->at("max").count());
}

// The mean over the measured interval, back into the sum over the requests that were timed.
void read_concurrency(const JsonNode& node, RunResult& result) {
  result.concurrency_max = count_in(node, "max").value_or(0);
  const double mean = number_in(node, "mean").value_or(0);
  const auto timed = static_cast<double>(all_responses(result).count());
  const auto requests = static_cast<double>(series_counts(result.counters).requests);
  const double share = timed > 0 && requests > 0 ? timed / requests : 1;
  const double sum_ns = std::round(mean * static_cast<double>(result.duration_ns) * share);
  if (sum_ns > 9e18) node.at("mean").fail("is more than any run has in flight");
  result.concurrency_ns = static_cast<int64_t>(sum_ns);
}

// A point's percentile stands for all response times of its bucket.
SeriesBucket read_bucket(const JsonNode& node) {
  SeriesBucket bucket;
  bucket.counts = {.requests = node.at("requests").count(),
                   .gets = node.at("gets").count(),
                   .hits = node.at("hits").count(),
                   .misses = node.at("misses").count(),
                   .errors = node.at("errors").count()};
  if (const auto p99 = node.find("p99_ns")) {
    bucket.times.slots.push_back({CoarseTimes::slot_of(p99->nanoseconds()), 1});
  }
  bucket.memory = {.taken = true, .bytes_used = count_in(node, "bytes_used")};
  return bucket;
}

Series read_series(const JsonNode& node) {
  const auto interval = node.find("series_interval_s");
  Series series(interval ? interval->seconds_as_ns() : 0);
  for (const JsonNode& point : node.at("series").items()) {
    if (series.interval_ns() <= 0 || series.interval_ns() > Series::kLongestIntervalNs ||
        series.buckets().size() == Series::kMaxBuckets) {
      point.fail(
          fmt::format("a series has an interval, and at most {} points", Series::kMaxBuckets));
    }
    series.append(read_bucket(point));
  }
  return series;
}

RunResult read_result(const JsonNode& node) {
  RunResult result;
  result.flags = node.at("flags").texts();
  read_counters(node, result);
  read_patterns(node, result);
  result.guard = read_counts<GuardCounts>(node, "guard_counts", guard_count_fields());
  result.layers = read_counts<LayerCounts>(node, "layer_counts", layer_count_fields());
  for (int i = 0; i < kTimingCount; ++i) {
    const std::string_view name = timing_name(static_cast<Timing>(i));
    if (!is_later(name) || node.find(name.substr(0, name.find('.')))) {
      result.timings[i] = read_histogram(at_path(node, name));
    }
  }
  result.duration_ns = seconds_in(node, "duration_s");
  result.client_user_ns = seconds_in(node.at("cpu"), "client_user_s");
  result.client_system_ns = seconds_in(node.at("cpu"), "client_system_s");
  read_concurrency(node.at("concurrency"), result);
  read_load(node, result);
  if (const auto capacity = node.find("capacity")) result.capacity = read_capacity(*capacity);
  result.series = read_series(node);
  read_faults(node, result);
  read_adapter(node, result);
  read_origin(node.at("origin"), result);
  result.client_cpus = read_cpus(node.at("placement"), "client_cpus");
  result.server_cpus = read_cpus(node.at("placement"), "server_cpus");
  result.warnings = node.at("warnings").texts();
  result.interrupted = node.at("interrupted").truth();
  result.failure = text_in(node, "failure");
  return result;
}

CellReport read_cell(const JsonNode& node) {
  CellReport cell;
  cell.label = read_label(node.at("id"));
  cell.repetition = static_cast<int>(std::min<uint64_t>(node.at("repetition").count(), INT32_MAX));
  cell.adapter_spec = node.at("adapter").at("spec").text();
  cell.adapter_kind = node.at("adapter").at("kind").text();
  cell.adapter_bounded = node.at("adapter").at("bounded").truth();
  cell.workload = read_workload_facts(node.at("workload"));
  cell.pattern = node.at("pattern").text();
  cell.guard = node.at("guard").text();
  cell.driver = node.at("driver").text();
  if (const auto codec = node.find("codec")) cell.codec = codec->text();
  if (const auto naming = node.find("key_naming")) cell.key_naming = naming->text();
  cell.origin = text_in(node.at("origin"), "spec");
  cell.fills = node.at("fills").text();
  cell.time = node.at("time").text();
  cell.instructions_per_request = number_in(node, "instructions_per_request");
  cell.result = read_result(node);
  return cell;
}

NamedReport take_micro(std::string text, const JsonNode& root, std::string_view file) {
  NamedReport named{std::string(file), {}, std::move(text), "micro"};
  named.micro = read_micro(root, file, named.report);
  return named;
}

NamedReport parse_report(std::string text, std::string_view file, Kinds kinds) {
  const Json json = parse_report_json(text, file);
  const JsonNode root(json, file);
  if (kinds.size() > 1 && is_benchmark_json(root)) return take_micro(std::move(text), root, file);
  check_kind(root, file, kinds);
  NamedReport named{std::string(file), {}, std::move(text), root.at("kind").text()};
  RunReport& report = named.report;
  read_head(root, report);
  if (named.kind == "simulate") named.simulation = read_simulation(root);
  if (named.kind == "profile") named.profile = read_profile(root);
  if (named.kind == "stampede") named.stampede = read_stampede(root);
  if (named.kind != "run") return named;
  report.notes = root.at("notes").texts();
  report.flags_to_repeat = text_in(root, "flags_to_repeat");
  for (const JsonNode& result : root.at("results").items()) {
    report.cells.push_back(read_cell(result));
  }
  return named;
}

}  // namespace

RunReport parse_run_report(const std::string& text, std::string_view file) {
  return parse_report(text, file, kRunAlone).report;
}

NamedReport parse_any_report(std::string text, std::string_view file) {
  return parse_report(without_nan(std::move(text)), file, kAnyKind);
}

std::string read_report_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    throw Error::usage(fmt::format("{}: there is no such file", path));
  }
  if (std::filesystem::is_directory(status)) {
    throw Error::usage(fmt::format("{}: this is a folder; name the report in it", path));
  }
  std::ifstream in(path, std::ios::binary);
  std::string text;
  std::vector<char> chunk(1 << 20);
  while (in.read(chunk.data(), static_cast<std::streamsize>(chunk.size())) || in.gcount() > 0) {
    text.append(chunk.data(), static_cast<size_t>(in.gcount()));
    if (text.size() > kMaxReportBytes) {
      throw Error::failed(
          fmt::format("{}: larger than {} MiB, so no report; a run with fewer cells or a longer "
                      "--interval writes a smaller one",
                      path, kMaxReportBytes >> 20));
    }
  }
  if (!in.eof()) throw Error::failed(fmt::format("{}: {}", path, std::strerror(errno)));
  return text;
}

NamedReport read_run_report(const std::string& path) {
  return parse_report(read_report_file(path), path, kRunAlone);
}

NamedReport read_any_report(const std::string& path) {
  return parse_any_report(read_report_file(path), path);
}

}  // namespace cachegauge
