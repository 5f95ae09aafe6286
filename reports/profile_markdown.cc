#include <fmt/format.h>

#include <sstream>

#include "reports/escape.h"
#include "reports/markdown_parts.h"
#include "reports/profile_table.h"
#include "reports/profile_verdict.h"
#include "reports/sizing_markdown.h"
#include "reports/traffic_facts.h"

namespace cachegauge {
namespace {

// A list; lines that are indented lie below the one before.
std::string verdict_list(const ProfileReport& report) {
  std::string out;
  std::istringstream lines(verdict_text(report));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    const size_t indent = line.find_first_not_of(' ');
    out += std::string(indent, ' ') + "- " + markdown_text(line.substr(indent)) + "\n";
  }
  return out.empty() ? out : out + "\n";
}

std::string findings_list(const ProfileReport& report) {
  std::string out;
  for (const ProfileFinding& finding : report.findings) {
    out += fmt::format("- **{}**: {}\n  - {}\n", markdown_text(finding.name),
                       markdown_text(finding.evidence), markdown_text(finding.remedy));
  }
  return out.empty() ? out : out + "\n";
}

std::string traffic_rows(const ProfileReport& report) {
  std::string out = markdown_row({"traffic", ""}) + "| --- | --- |\n";
  for (const TrafficFact& fact : traffic_facts(report)) {
    out += markdown_row({markdown_text(fact.name), markdown_text(fact.text)});
  }
  return out + "\n";
}

}  // namespace

std::string profile_markdown(const ProfileReport& report) {
  return markdown_paragraphs(profile_heading(report) + verdict_finding(report)) +
         verdict_list(report) + findings_list(report) +
         markdown_details("The traffic", traffic_rows(report) + markdown_machine(report.context));
}

}  // namespace cachegauge
