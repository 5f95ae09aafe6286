#include "reports/profile_table.h"

#include <fmt/format.h>

#include "harness/core/units.h"
#include "reports/profile_verdict.h"
#include "reports/run_figures.h"
#include "reports/traffic_facts.h"

namespace cachegauge {
namespace {

std::string traffic_text(const ProfileReport& report) {
  std::string text;
  for (const TrafficFact& fact : traffic_facts(report)) {
    text += fmt::format("  {:<15}{}\n", fact.name, fact.text);
  }
  return text.empty() ? text : text + "\n";
}

std::string findings_text(const ProfileReport& report) {
  std::string text;
  for (const ProfileFinding& finding : report.findings) {
    text +=
        fmt::format("{}: {}\n  {}\n", finding.name, printable(finding.evidence), finding.remedy);
  }
  return text.empty() ? text : text + "\n";
}

std::string cost_line(const ProfileReport& report) {
  return fmt::format("read in {}, keys numbered in {}, profiled in {}\n",
                     format_duration(static_cast<double>(report.decode_ns)),
                     format_duration(static_cast<double>(report.intern_ns)),
                     format_duration(static_cast<double>(report.profile_ns)));
}

}  // namespace

std::string profile_heading(const ProfileReport& report) {
  return fmt::format("{}: {}, {}, footprint {}\n", printable(report.workload_label),
                     format_counted(report.workload.requests, "request"),
                     format_counted(report.workload.unique_keys, "key"),
                     format_size(report.traffic.footprint_bytes));
}

std::string profile_text(const ProfileReport& report, const TextTableStyle&) {
  std::string text;
  if (report.interrupted) text += "interrupted: what was found until then\n\n";
  text += profile_heading(report) + "\n";
  text += traffic_text(report) + verdict_text(report) + findings_text(report) + cost_line(report);
  for (const std::string& warning : report.warnings) {
    text += fmt::format("warning: {}\n", printable(warning));
  }
  return text + verdict_finding(report);
}

}  // namespace cachegauge
