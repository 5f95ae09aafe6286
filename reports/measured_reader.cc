#include "reports/measured_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "harness/core/error.h"
#include "harness/core/hash.h"
#include "harness/core/version.h"
#include "reports/escape.h"
#include "reports/json_node.h"
#include "reports/json_parts.h"
#include "reports/json_report.h"
#include "reports/micro_reader.h"
#include "reports/report_reader.h"

namespace cachegauge {
namespace {

constexpr std::string_view kBaselineKind = "baseline";
constexpr std::string_view kKinds[] = {"run", "simulate", "stampede", kBaselineKind};

// Fields of a result that say what it is; their numbers measure nothing.
constexpr std::string_view kIdentity[] = {"repetition", "workload", "adapter", "placement",
                                          "params"};

bool is_one_of(std::string_view text, std::span<const std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// Lists (series, trials) are not figures of the result.
void add_metrics(const Json& json, MeasuredResult& result) {
  for (const auto& [name, value] : json.items()) {
    if (is_one_of(name, kIdentity)) continue;
    for_each_leaf(value, name, [&](const std::string& path, const Json& leaf) {
      if (leaf.is_number()) result.metrics[path] = leaf.get<double>();
      if (leaf.is_null()) result.metrics[path] = std::nullopt;
    });
  }
}

// Parts of a workload's description that a result has, or the report as a whole (simulate).
struct Workload {
  std::string fingerprint, given;
};

Workload read_workload(const std::optional<JsonNode>& node) {
  if (!node) return {};
  const std::string given = text_in(*node, "given");
  return {text_in(*node, "fingerprint"), given.empty() ? text_in(*node, "spec") : given};
}

// A command that measures the result again: what it was given, then what shaped the run.
std::string command_of(const JsonNode& root, const JsonNode& node, const std::string& kind,
                       const Workload& workload) {
  if (workload.given.empty()) return {};
  if (kind == "run") {
    const std::string flags = text_in(root, "flags_to_repeat");
    return fmt::format("cachegauge run {} {}{}{}", shell_word(workload.given),
                       shell_word(node.at("adapter").at("spec").text()), flags.empty() ? "" : " ",
                       flags);
  }
  if (kind != "simulate") return {};
  const std::string size = text_in(node, "size");
  return fmt::format("cachegauge simulate {} --policy {}{}{}", shell_word(workload.given),
                     shell_word(node.at("policy").text()), size.empty() ? "" : " --size ",
                     size.empty() ? "" : shell_word(size));
}

void refuse_incomplete(const JsonNode& node, const std::string& id) {
  const auto interrupted = node.find("interrupted");
  if (interrupted && interrupted->truth()) {
    throw Error::failed(fmt::format("{} was interrupted, so its figures do not stand for it", id));
  }
  const std::string failure = text_in(node, "failure");
  if (!failure.empty()) throw Error::failed(fmt::format("{} failed: {}", id, failure));
}

MeasuredResult read_result(const JsonNode& root, const JsonNode& node, const std::string& kind,
                           const Workload& shared) {
  MeasuredResult result;
  result.id = node.at("id").text();
  refuse_incomplete(node, result.id);
  result.match_key = text_in(node, "match_key");
  if (const auto repetition = node.find("repetition")) result.repetition = repetition->count();
  result.time = kind == "simulate" ? "virtual" : text_in(node, "time");
  const auto own = node.find("workload");
  const Workload workload = own ? read_workload(own) : shared;
  result.fingerprint = workload.fingerprint;
  result.command = command_of(root, node, kind, workload);
  add_metrics(node.json(), result);
  return result;
}

void add_hazards(const JsonNode& node, const std::string& where, MeasuredReport& report) {
  for (std::string_view list : {"flags", "warnings"}) {
    const auto found = node.find(list);
    if (!found) continue;
    for (const std::string& text : found->texts()) {
      std::string hazard = fmt::format("{}: {}", where, text);
      if (std::find(report.hazards.begin(), report.hazards.end(), hazard) == report.hazards.end()) {
        report.hazards.push_back(std::move(hazard));
      }
    }
  }
}

std::string read_kind(const JsonNode& root, std::string_view file) {
  refuse_benchmark_json(root, file);
  std::string kind = root.at("kind").text();
  if (!is_one_of(kind, kKinds)) {
    throw Error::failed(
        fmt::format("{}: kind: this is a report of kind \"{}\", and the gate reads {}", file, kind,
                    fmt::join(kKinds, ", ")));
  }
  const uint64_t version = root.at("schema_version").count();
  if (version != kReportSchemaVersion) {
    throw Error::failed(fmt::format(
        "{}: schema_version: is {}, and cachegauge {} reads {}; use the cachegauge that "
        "wrote it, or take it anew",
        file, version, tool_version().version, kReportSchemaVersion));
  }
  return kind;
}

// Of the resolved experiment; a baseline carries that of the report it was made from.
std::string experiment_hash(const JsonNode& root) {
  if (const auto hash = root.find("experiment_hash")) return hash->text();
  const auto experiment = root.find("experiment");
  if (!experiment) return {};
  return fmt::format("{:016x}", hash_text_key(experiment->json().dump(
                                    -1, ' ', true, Json::error_handler_t::replace)));
}

}  // namespace

MeasuredReport parse_measured_report(const std::string& text, std::string_view file) {
  const Json json = parse_report_json(text, file);
  const JsonNode root(json, file);
  MeasuredReport report;
  report.name = file;
  report.kind = read_kind(root, file);
  report.is_baseline = report.kind == kBaselineKind;
  if (report.is_baseline) report.kind = root.at("of").text();
  try {
    refuse_incomplete(root, "the run");
    const Workload workload = read_workload(root.find("workload"));
    for (const JsonNode& node : root.at("results").items()) {
      report.results.push_back(read_result(root, node, report.kind, workload));
      add_hazards(node, report.results.back().id, report);
    }
  } catch (const Error& error) {
    const bool named = std::string_view(error.what()).starts_with(file);
    if (named) throw;
    throw Error(error.code(), fmt::format("{}: {}", file, error.what()));
  }
  if (report.results.empty()) throw Error::failed(fmt::format("{}: it has no results", file));
  add_hazards(root, "the run", report);
  report.experiment_hash = experiment_hash(root);
  return report;
}

MeasuredReport read_measured_report(const std::string& path) {
  return parse_measured_report(read_report_file(path), path);
}

}  // namespace cachegauge
