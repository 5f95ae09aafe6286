#include <fmt/format.h>

#include <cmath>

#include "harness/core/units.h"
#include "reports/escape.h"
#include "reports/gate_reports.h"
#include "reports/run_figures.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

std::string figure(std::string_view metric, double value) {
  const bool is_whole = value == std::floor(value) && std::abs(value) < 1e15;
  if (metric.find("_ns") != std::string_view::npos && value >= 0) return format_duration(value);
  if (metric.ends_with("hit_ratio") || metric.ends_with("miss_ratio")) return format_percent(value);
  if (is_whole && value >= 0) return format_count(static_cast<uint64_t>(value));
  return fmt::format("{:.6g}", value);
}

// Enough digits that a change never reads +0.00%.
std::string percent(double change) {
  const double points = change * 100;
  return std::abs(points) >= 0.01 || points == 0 ? fmt::format("{:+.2f}%", points)
                                                 : fmt::format("{:+.2g}%", points);
}

std::string interval(const GateFinding& finding) {
  if (!finding.change_low || !finding.change_high) return {};
  return fmt::format(", {} to {}", percent(*finding.change_low), percent(*finding.change_high));
}

std::string samples(const GateReport& report, const GateFinding& finding) {
  const bool paired = report.rounds > 0 && report.rules[finding.rule].type == GateClass::kTime;
  if (paired) {
    return fmt::format(" over {} paired rounds{}", finding.samples,
                       finding.confirmed ? " that confirm a suspicion" : "");
  }
  return finding.samples > 1 ? fmt::format(" over {} repetitions", finding.samples) : std::string();
}

}  // namespace

std::string gate_sentence(const GateReport& report, const GateFinding& finding) {
  std::string text = fmt::format("{}/{}", finding.id, finding.metric);
  if (finding.baseline && finding.candidate) {
    text += fmt::format(": {} -> {}", figure(finding.metric, *finding.baseline),
                        figure(finding.metric, *finding.candidate));
    if (finding.change) text += fmt::format(" ({}{})", percent(*finding.change), interval(finding));
  } else if (finding.candidate) {
    text += ": " + figure(finding.metric, *finding.candidate);
  }
  text += samples(report, finding);
  if (!finding.why.empty()) text += "; " + finding.why;
  return text;
}

std::string gate_summary(const GateReport& report) {
  size_t troubles = 0, advisory = 0, warned = 0;
  for (const GateFinding* finding : report.troubles()) {
    (finding->advisory ? advisory : report.decides(*finding) ? troubles : warned) += 1;
  }
  std::string text(gate_outcome_name(report.outcome()));
  if (report.interrupted) text = "interrupted";
  text += fmt::format(": {} of {} figures are held by {} rules", report.findings.size() - troubles,
                      report.findings.size(), report.rules.size());
  if (warned > 0) text += fmt::format("; {} only warned of", warned);
  if (advisory > 0) text += fmt::format("; {} of stored times, which decide nothing", advisory);
  if (!report.inconclusive.empty()) text += "; " + report.inconclusive;
  return text;
}

std::string gate_text(const GateReport& report) {
  std::string text;
  for (const GateFinding* finding : report.troubles()) {
    const std::string_view label = finding->advisory          ? "advisory"
                                   : report.decides(*finding) ? gate_outcome_name(finding->outcome)
                                                              : "warning";
    text += fmt::format("{}: {}\n", label, printable(gate_sentence(report, *finding)));
  }
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  text += fmt::format("{}{}\n", text.empty() ? "" : "\n", printable(gate_summary(report)));
  if (report.outcome() != GateOutcome::kPass && !report.reproduce.empty()) {
    text += fmt::format("next: {}\n", printable(report.reproduce));
  }
  return text;
}

// Percent signs and line ends are data of such a command only when they are encoded.
std::string gate_annotations(const GateReport& report) {
  const auto encode = [](std::string_view text) {
    std::string out;
    for (char c : printable(text)) out += c == '%' ? std::string("%25") : std::string(1, c);
    return out;
  };
  std::string text;
  for (const GateFinding* finding : report.troubles()) {
    text += fmt::format("::{} title=cachegauge gate::{}\n",
                        report.decides(*finding) ? "error" : "warning",
                        encode(gate_sentence(report, *finding)));
  }
  if (!report.inconclusive.empty()) {
    text += fmt::format("::error title=cachegauge gate::{}\n", encode(report.inconclusive));
  }
  return text;
}

}  // namespace cachegauge
