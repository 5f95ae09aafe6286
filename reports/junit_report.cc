// JUnit XML as CI servers read it (the schema of Jenkins' xUnit plug-in): a suite for each report,
// a case for each result. A result that failed, or served corrupt values, is a failure; what was
// interrupted is an error, so that a run that was cut off is never green.
#include <fmt/format.h>

#include <algorithm>

#include "harness/core/metrics.h"
#include "reports/escape.h"
#include "reports/report_formats.h"
#include "reports/run_hazards.h"

namespace cachegauge {
namespace {

struct RunCase {
  std::string classname, name;
  double seconds = 0;
  std::string_view element;  // "failure" or "error"; empty: it passed
  std::string message;
  std::vector<std::string> output;  // lines
};

RunCase make_case(const CellReport& cell) {
  const RunResult& result = cell.result;
  RunCase test{.classname = cell.label.workload,
               .name = fmt::format("{} #{}", cell.label.id(), cell.repetition),
               .seconds = derive_metrics(result).duration_s,
               .element = {},
               .message = {},
               .output = {}};
  if (!result.failure.empty()) {
    test.element = "failure";
    test.message = result.failure;
  } else if (result.counters.corrupt > 0) {
    test.element = "failure";
    test.message = fmt::format("{} values came back corrupt", result.counters.corrupt);
  } else if (result.interrupted) {
    test.element = "error";
    test.message = "interrupted: what was measured until then";
  }
  for (const std::string& flag : result.flags) test.output.push_back("flag: " + flag);
  for (const std::string& warning : result.warnings) test.output.push_back("warning: " + warning);
  return test;
}

std::vector<RunCase> make_run_cases(const RunReport& report) {
  std::vector<RunCase> cases;
  for (const CellReport& cell : report.cells) cases.push_back(make_case(cell));
  if (report.interrupted) {
    cases.push_back({.classname = "cachegauge",
                     .name = "the run ran to its end",
                     .element = "error",
                     .message = "interrupted: cells may be missing",
                     .output = {}});
  }
  return cases;
}

std::string run_case_xml(const RunCase& test) {
  std::string out = fmt::format("  <testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"",
                                xml_text(test.classname), xml_text(test.name), test.seconds);
  if (test.element.empty() && test.output.empty()) return out + "/>\n";
  out += ">\n";
  if (!test.element.empty()) {
    out += fmt::format("   <{0} message=\"{1}\" type=\"{0}\"/>\n", test.element,
                       xml_text(test.message));
  }
  if (!test.output.empty()) {
    out += "   <system-out>";
    for (const std::string& line : test.output) out += xml_text(line) + "\n";
    out += "</system-out>\n";
  }
  return out + "  </testcase>\n";
}

std::string property(std::string_view name, std::string_view value) {
  return fmt::format("   <property name=\"{}\" value=\"{}\"/>\n", name, xml_text(value));
}

size_t run_cases_with(const std::vector<RunCase>& cases, std::string_view element) {
  return static_cast<size_t>(std::count_if(
      cases.begin(), cases.end(), [&](const RunCase& test) { return test.element == element; }));
}

std::string suite(const NamedReport& named) {
  const std::vector<RunCase> cases = make_run_cases(named.report);
  double seconds = 0;
  for (const RunCase& test : cases) seconds += test.seconds;
  std::string out = fmt::format(
      " <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"0\" "
      "time=\"{:.6f}\"",
      xml_text(named.name), cases.size(), run_cases_with(cases, "failure"),
      run_cases_with(cases, "error"), seconds);
  const std::string& started = named.report.context.started_at;
  if (!started.empty()) out += fmt::format(" timestamp=\"{}\"", xml_text(started));
  out += ">\n  <properties>\n";
  out += property("interrupted", named.report.interrupted ? "true" : "false");
  for (const Hazard& hazard : run_hazards(named.report)) {
    if (hazard.kind != "interrupted") out += property(hazard.kind, hazard.text);
  }
  out += "  </properties>\n";
  for (const RunCase& test : cases) out += run_case_xml(test);
  return out + " </testsuite>\n";
}

}  // namespace

std::string write_junit(NamedReports reports, const TextTableStyle&) {
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"cachegauge\">\n";
  for (const NamedReport& named : reports) out += suite(named);
  return out + "</testsuites>\n";
}

}  // namespace cachegauge
