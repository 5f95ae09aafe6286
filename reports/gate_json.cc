#include "reports/gate_reports.h"
#include "reports/json_parts.h"
#include "reports/json_report.h"

namespace cachegauge {
namespace {

Json rule_json(const GateRule& rule) {
  return {{"match", rule.match},
          {"class", gate_class_name(rule.type)},
          {"severity", rule.fails ? "fail" : "warn"},
          {"worse", rule.worse ? Json(worse_name(*rule.worse)) : Json()},
          {"tolerance", rule.tolerance},
          {"min_effect", rule.min_effect},
          {"detect", rule.detect},
          {"min", known(rule.min)},
          {"max", known(rule.max)},
          {"time", text_or_null(rule.time)}};
}

Json finding_json(const GateReport& report, const GateFinding& finding) {
  return {{"rule", finding.rule},
          {"id", finding.id},
          {"metric", finding.metric},
          {"outcome", gate_outcome_name(finding.outcome)},
          {"decides", report.decides(finding)},
          {"advisory", finding.advisory},
          {"baseline", known(finding.baseline)},
          {"candidate", known(finding.candidate)},
          {"change", known(finding.change)},
          {"change_low", known(finding.change_low)},
          {"change_high", known(finding.change_high)},
          {"again_low", known(finding.again_low)},
          {"again_high", known(finding.again_high)},
          {"samples", finding.samples},
          {"confirmed", finding.confirmed},
          {"why", text_or_null(finding.why)}};
}

}  // namespace

std::string gate_json(const GateReport& report) {
  Json json = Json::object();
  json["kind"] = "gate";
  json["schema_version"] = kReportSchemaVersion;
  json["tool"] = tool_json();
  json["context"] = context_json(report.context);
  json["interrupted"] = report.interrupted;
  json["warnings"] = report.warnings;
  json["mode"] = report.mode;
  json["baseline"] = text_or_null(report.baseline);
  json["candidate"] = report.candidate;
  json["outcome"] = gate_outcome_name(report.outcome());
  json["summary"] = gate_summary(report);
  json["inconclusive"] = text_or_null(report.inconclusive);
  json["reproduce"] = text_or_null(report.reproduce);
  json["rounds"] = report.rounds;
  json["confirming_rounds"] = report.confirming_rounds;
  json["alpha"] = report.alpha;
  json["seed"] = report.seed;
  json["duration_s"] = report.duration_s;
  json["rules"] = Json::array();
  for (const GateRule& rule : report.rules) json["rules"].push_back(rule_json(rule));
  json["findings"] = Json::array();
  for (const GateFinding& finding : report.findings) {
    json["findings"].push_back(finding_json(report, finding));
  }
  return dump(json, 1) + "\n";
}

}  // namespace cachegauge
