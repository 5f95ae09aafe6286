// JUnit XML, one case a rule: a regression is a failure, what is inconclusive an error, and what
// decides nothing is said in the case's output.
#include <fmt/format.h>

#include <algorithm>

#include "reports/escape.h"
#include "reports/gate_reports.h"

namespace cachegauge {
namespace {

struct GateCase {
  std::string name;
  std::string_view element;  // "failure" or "error"; empty: it passed
  std::vector<std::string> messages, output;
};

void add(GateCase& test, const GateReport& report, const GateFinding& finding) {
  const std::string sentence = gate_sentence(report, finding);
  if (finding.outcome == GateOutcome::kPass || !report.decides(finding)) {
    test.output.push_back(sentence);
    return;
  }
  const bool failed = finding.outcome == GateOutcome::kRegression;
  if (failed || test.element.empty()) test.element = failed ? "failure" : "error";
  test.messages.push_back(sentence);
}

std::vector<GateCase> make_gate_cases(const GateReport& report) {
  std::vector<GateCase> cases;
  for (size_t i = 0; i < report.rules.size(); ++i) {
    const GateRule& rule = report.rules[i];
    GateCase test{fmt::format("{} {}", gate_class_name(rule.type), rule.match), {}, {}, {}};
    if (!rule.time.empty()) test.name += fmt::format(" in {} time", rule.time);
    for (const GateFinding& finding : report.findings) {
      if (finding.rule == i) add(test, report, finding);
    }
    cases.push_back(std::move(test));
  }
  if (!report.inconclusive.empty() || report.interrupted) {
    cases.push_back({"the gate could decide",
                     "error",
                     {report.inconclusive.empty() ? "interrupted" : report.inconclusive},
                     {}});
  }
  return cases;
}

std::string gate_case_xml(const GateCase& test) {
  std::string out = fmt::format(
      "  <testcase classname=\"cachegauge.gate\" name=\"{}\" time=\"0\">\n", xml_text(test.name));
  if (!test.element.empty()) {
    out += fmt::format("   <{0} message=\"{1}\" type=\"{0}\">", test.element,
                       xml_text(test.messages.front()));
    for (const std::string& message : test.messages) out += xml_text(message) + "\n";
    out += fmt::format("</{}>\n", test.element);
  }
  if (!test.output.empty()) {
    out += "   <system-out>";
    for (const std::string& line : test.output) out += xml_text(line) + "\n";
    out += "</system-out>\n";
  }
  return out + "  </testcase>\n";
}

auto gate_cases_with(const std::vector<GateCase>& cases, std::string_view element) {
  return std::count_if(cases.begin(), cases.end(),
                       [&](const GateCase& test) { return test.element == element; });
}

}  // namespace

std::string gate_junit(const GateReport& report) {
  const std::vector<GateCase> cases = make_gate_cases(report);
  std::string out = fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cachegauge\">\n"
      " <testsuite name=\"cachegauge gate\" tests=\"{}\" failures=\"{}\" errors=\"{}\" "
      "skipped=\"0\" time=\"{:.6f}\">\n",
      cases.size(), gate_cases_with(cases, "failure"), gate_cases_with(cases, "error"),
      report.duration_s);
  out += "  <properties>\n";
  for (const auto& [name, value] :
       {std::pair("summary", gate_summary(report)), std::pair("reproduce", report.reproduce)}) {
    out += fmt::format("   <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
  }
  for (const std::string& warning : report.warnings) {
    out += fmt::format("   <property name=\"warning\" value=\"{}\"/>\n", xml_text(warning));
  }
  out += "  </properties>\n";
  for (const GateCase& test : cases) out += gate_case_xml(test);
  return out + " </testsuite>\n</testsuites>\n";
}

}  // namespace cachegauge
