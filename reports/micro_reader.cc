#include "reports/micro_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "harness/core/registry.h"

namespace cachegauge {
namespace {

struct TimeUnit {
  std::string_view name;
  double ns;
};
constexpr TimeUnit kTimeUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};

// A benchmark's repetitions; and where they were left out of the file, the medians of all.
struct Rows {
  std::vector<JsonNode> repetitions, medians;
};

std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  for (size_t slash; (slash = name.find('/')) != std::string_view::npos;) {
    parts.push_back(name.substr(0, slash));
    name.remove_prefix(slash + 1);
  }
  parts.push_back(name);
  return parts;
}

// OPERATION/ADAPTER/value:SIZE[/items:N], and what the engine appends.
MicroFigure read_name(const JsonNode& node) {
  const std::string name = node.text();
  const std::vector<std::string_view> parts = parts_of(name);
  constexpr std::string_view kValue = "value:", kItems = "items:";
  if (parts.size() < 3 || parts[0].empty() || parts[1].empty() || !parts[2].starts_with(kValue)) {
    node.fail(fmt::format("expected OPERATION/ADAPTER/value:SIZE, got \"{}\"", name));
  }
  MicroFigure figure;
  figure.operation = parts[0];
  figure.subject = parts[1];
  figure.value = parts[2].substr(kValue.size());
  for (std::string_view part : parts) {
    if (!part.starts_with(kItems)) continue;
    part.remove_prefix(kItems.size());
    std::from_chars(part.data(), part.data() + part.size(), figure.full_items);
  }
  return figure;
}

bool has_failed(const JsonNode& row) {
  const auto occurred = row.find("error_occurred");
  return occurred && occurred->truth();
}

double time_ns(const JsonNode& row) {
  const JsonNode unit = row.at("time_unit");
  const TimeUnit* known = find_row(std::span<const TimeUnit>(kTimeUnits), unit.text());
  if (!known) unit.fail(fmt::format("expected ns, us, ms or s, got \"{}\"", unit.text()));
  return row.at("real_time").number() * known->ns;
}

MicroFigure read_figure(const Rows& rows) {
  const std::vector<JsonNode>& counted = rows.repetitions.empty() ? rows.medians : rows.repetitions;
  MicroFigure figure = read_name(counted.front().at("run_name"));
  figure.threads = counted.front().at("threads").count();
  std::vector<double> times;
  std::map<std::string_view, std::vector<double>> counters;
  for (const JsonNode& row : counted) {
    if (has_failed(row)) {
      if (figure.failure.empty()) figure.failure = text_in(row, "error_message");
      continue;
    }
    times.push_back(time_ns(row));
    for (const MicroCounter& field : micro_counters()) {
      if (const auto found = row.find(field.name)) counters[field.name].push_back(found->number());
    }
  }
  if (!times.empty()) figure.time_ns = summarize(times);
  for (const MicroCounter& field : micro_counters()) {
    const auto found = counters.find(field.name);
    if (found != counters.end()) figure.*field.median = summarize(found->second).median;
  }
  return figure;
}

std::vector<MicroFigure> read_figures(const JsonNode& benchmarks) {
  std::vector<std::string> names;  // in order of first appearance
  std::map<std::string, Rows> by_name;
  for (const JsonNode& row : benchmarks.items()) {
    const std::string name = row.at("run_name").text();
    const bool is_aggregate = row.at("run_type").text() == "aggregate";
    if (is_aggregate && text_in(row, "aggregate_name") != "median") continue;
    if (!by_name.contains(name)) names.push_back(name);
    Rows& rows = by_name[name];
    (is_aggregate ? rows.medians : rows.repetitions).push_back(row);
  }
  std::vector<MicroFigure> figures;
  figures.reserve(names.size());
  for (const std::string& name : names) figures.push_back(read_figure(by_name[name]));
  return figures;
}

void read_machine(const JsonNode& context, RunReport& head) {
  head.context.host = text_in(context, "host_name");
  head.context.started_at = text_in(context, "date");
  if (const auto cpus = context.find("num_cpus")) {
    head.context.cores = static_cast<int>(std::min<uint64_t>(cpus->count(), INT32_MAX));
  }
  const auto loads = context.find("load_avg");
  if (loads && !loads->items().empty()) head.context.load = loads->items().front().number();
}

// What bears on every figure, and what went wrong with some.
void read_hazards(const JsonNode& context, const MicroReport& report, RunReport& head) {
  const MachineContext& machine = head.context;
  const std::string tool = context.at("cachegauge").text();
  if (!tool.ends_with(", Release)")) {
    head.warnings.push_back(fmt::format("cachegauge {} is no release build", tool));
  }
  if (machine.load && machine.cores > 0 && *machine.load > machine.cores) {
    head.warnings.push_back(fmt::format("the load was {:.1f} on {} processors when it began",
                                        *machine.load, machine.cores));
  }
  if (const auto scaling = context.find("cpu_scaling_enabled"); scaling && scaling->truth()) {
    head.warnings.emplace_back("CPU scaling is on: the clock rate may have changed meanwhile");
  }
  for (const MicroFigure& figure : report.figures) {
    if (figure.failure.empty()) continue;
    if (figure.failure == "interrupted") {
      head.interrupted = true;
      continue;
    }
    head.warnings.push_back(
        fmt::format("{} of {} failed: {}", figure.operation, figure.subject, figure.failure));
  }
}

}  // namespace

std::string without_nan(std::string text) {
  if (text.find("\"benchmarks\"") == std::string::npos) return text;
  constexpr std::string_view kNoNumbers[] = {"-NaN", "NaN", "-Infinity", "Infinity"};
  std::string out;
  out.reserve(text.size());
  bool in_string = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (in_string && c == '\\' && at + 1 < text.size()) {
      out += c;
      out += text[++at];
      continue;
    }
    if (c == '"') in_string = !in_string;
    const auto* found =
        std::find_if(std::begin(kNoNumbers), std::end(kNoNumbers), [&](std::string_view word) {
          return !in_string && std::string_view(text).substr(at).starts_with(word);
        });
    if (found == std::end(kNoNumbers)) {
      out += c;
      continue;
    }
    out += "null";
    at += found->size() - 1;
  }
  return out;
}

bool is_benchmark_json(const JsonNode& root) {
  return !root.find("kind") && root.find("benchmarks").has_value();
}

void refuse_benchmark_json(const JsonNode& root, std::string_view file) {
  if (!is_benchmark_json(root)) return;
  throw Error::failed(fmt::format(
      "{}: this is JSON of Google Benchmark, as `cachegauge micro` writes it: `cachegauge report "
      "{}` shows it, and /usr/share/benchmark/compare.py benchmarks {} OTHER.json compares it with "
      "another (docs/micro.md)",
      file, file, file));
}

MicroReport read_micro(const JsonNode& root, std::string_view file, RunReport& head) {
  const JsonNode context = root.at("context");
  if (!context.find("cachegauge")) {
    throw Error::failed(
        fmt::format("{}: this is JSON of Google Benchmark, but not as `cachegauge micro "
                    "--benchmark_out=FILE` writes it: its context does not name cachegauge",
                    file));
  }
  MicroReport report;
  report.workload = text_in(context, "workload");
  report.figures = read_figures(root.at("benchmarks"));
  read_machine(context, head);
  read_hazards(context, report, head);
  return report;
}

}  // namespace cachegauge
