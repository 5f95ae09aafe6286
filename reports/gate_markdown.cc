#include <fmt/format.h>

#include "reports/escape.h"
#include "reports/gate_reports.h"

namespace cachegauge {
namespace {

// Of troubles that decide first, then of the others.
std::string list(const GateReport& report, bool deciding) {
  std::string out;
  for (const GateFinding* finding : report.troubles()) {
    if (report.decides(*finding) != deciding) continue;
    out += fmt::format("- {}: {}\n",
                       finding->advisory ? "advisory" : gate_outcome_name(finding->outcome),
                       markdown_text(gate_sentence(report, *finding)));
  }
  return out.empty() ? out : out + "\n";
}

std::string details(const GateReport& report) {
  std::string out =
      "<details><summary>All figures</summary>\n\n| figure | class | outcome |\n"
      "| --- | --- | --- |\n";
  for (const GateFinding& finding : report.findings) {
    out += fmt::format("| {} | {} | {} |\n", markdown_text(gate_sentence(report, finding)),
                       gate_class_name(report.rules[finding.rule].type),
                       gate_outcome_name(finding.outcome));
  }
  return out + "\n</details>\n";
}

}  // namespace

std::string gate_markdown(const GateReport& report) {
  std::string out = fmt::format("### cachegauge gate: {}\n\n", markdown_text(gate_summary(report)));
  out += list(report, true);
  const std::string others = list(report, false);
  if (!others.empty()) out += "Not deciding:\n\n" + others;
  for (const std::string& warning : report.warnings) {
    out += fmt::format("> warning: {}\n>\n", markdown_text(warning));
  }
  if (!report.warnings.empty()) out += "\n";
  out += fmt::format("baseline {}, candidate {}\n\n", markdown_text(report.baseline),
                     markdown_text(report.candidate));
  if (report.outcome() != GateOutcome::kPass && !report.reproduce.empty()) {
    out += fmt::format("Again: {}\n\n", markdown_text(report.reproduce));
  }
  return out + details(report);
}

}  // namespace cachegauge
