#include "reports/report_formats.h"

#include <gtest/gtest.h>

#include "reports/json_parts.h"
#include "reports/json_report.h"
#include "reports/sparkline.h"
#include "tests/reports/sample_report.h"

namespace cachegauge {
namespace {

std::string written(std::string_view format, const RunReport& report, int width = 0) {
  const std::vector<NamedReport> reports = {{"r.json", report, run_report_json(report)}};
  for (const ReportFormat& row : report_formats()) {
    if (row.name == format && row.write) {
      return row.write(reports, {.width = width, .color = false});
    }
  }
  return {};
}

RunReport bad_report() {
  RunReport report = sample_report();
  report.interrupted = true;
  report.warnings = {"the machine was busy"};
  report.cells[0].result.flags = {"still_warming"};
  report.cells[1].result.failure = "the server died";
  report.cells[2].result.counters.corrupt = 2;
  return report;
}

TEST(ReportFormats, EachTakesWhatARunMayHold) {
  for (const ReportFormat& format : report_formats()) {
    if (!format.write) continue;  // of another build
    for (const RunReport& report : {sample_report(), open_loop_report(), failed_report(),
                                    hostile_report(), bad_report(), RunReport()}) {
      const std::string text = written(format.name, report);
      ASSERT_FALSE(text.empty()) << format.name;
      EXPECT_EQ(text.back(), '\n') << format.name;
      if (format.name != "csv") {
        EXPECT_EQ(text.find('\x1b'), std::string::npos) << format.name;
      }
    }
  }
}

// Before the first figure, where the format has a place for it.
TEST(ReportFormats, EachSaysFirstWhatThereIsToKnow) {
  const std::pair<std::string_view, std::string_view> expected[] = {
      {"text", "read with care: interrupted, 1 failed, 1 alarm, 1 flag, 1 warning (below)\n"},
      {"markdown", "> **Read with care: interrupted, 1 failed, 1 alarm, 1 flag, 1 warning**\n"},
      {"junit", "<property name=\"interrupted\" value=\"true\"/>\n"},
      {"openmetrics",
       "# HELP cachegauge_report_info A report of cachegauge, to be read with care: interrupted, "
       "1 failed, 1 alarm, 1 flag, 1 warning\n"},
      {"hgrm", "# r.json, values in nanoseconds\n# interrupted: what was measured until then\n"},
      {"gbench", "\"r.json: interrupted: what was measured until then\""},
      {"custom-bigger", "read with care: interrupted, 1 failed"},
  };
  for (const auto& [format, text] : expected) {
    const size_t at = written(format, bad_report()).find(text);
    EXPECT_LT(at, 600u) << format;
  }
  EXPECT_EQ(written("csv", bad_report())
                .rfind("report,report_interrupted,interrupted,failure,flags,warnings,id,", 0),
            0u);
}

TEST(ReportFormats, EachTellsTheGravestFirst) {
  for (const std::string_view format :
       {"text", "markdown", "junit", "openmetrics", "hgrm", "gbench"}) {
    const std::string text = written(format, bad_report());
    size_t last = 0;
    for (const std::string_view hazard :
         {"2 values came back corrupt", "warming (the hit ratio", "the machine was busy"}) {
      const size_t at = text.find(hazard);
      ASSERT_NE(at, std::string::npos) << format << ": " << hazard;
      EXPECT_GT(at, last) << format << ": " << hazard;
      last = at;
    }
  }
}

TEST(ReportFormats, TextFitsTheTerminal) {
  const std::string text = written("text", sample_report(), 80);
  const std::string over_time = text.substr(text.find("hit ratio over time"));
  EXPECT_EQ(over_time.substr(0, over_time.find("\n\n")),
            "hit ratio over time\n"
            "  unbounded  ██  92.00% to 92.00% in 1.00 ms\n"
            "  lfu        ▃▃  75.00% to 75.00% in 1.00 ms\n"
            "  lru        ▁▁  70.00% to 70.00% in 1.00 ms\n"
            "  redis      ▁▁  69.00% to 69.00% in 650 ms");
}

// The page's scripts take the element's text as JSON: nothing in it may end or open an element.
TEST(ReportFormats, APageHoldsItsReportsAsTextWithoutMarkup) {
  RunReport report = sample_report();
  report.warnings = {"</script><!-- <script> \u2028"};
  const std::string page = written("html", report);
  if (page.empty()) GTEST_SKIP() << "built without Chart.js";
  constexpr std::string_view kOpening = "type=\"application/json\">";
  const size_t begin = page.find(kOpening) + kOpening.size();
  const std::string json = page.substr(begin, page.find("</script>", begin) - begin);
  EXPECT_EQ(json.find('<'), std::string::npos);
  const Json reports = Json::parse(json);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0]["name"], "r.json");
  EXPECT_EQ(reports[0]["report"], Json::parse(run_report_json(report)));
  EXPECT_EQ(reports[0]["view"]["hazards"][0]["text"], report.warnings[0]);
}

TEST(ReportFormats, RepetitionsOfADistributionMerge) {
  RunReport report = sample_report();
  report.cells = {sample_cell("lru", 700, 1), sample_cell("lru", 700, 2)};
  EXPECT_NE(written("hgrm", report).find("Total count    =         2000]"), std::string::npos);
}

TEST(Sparkline, SpansItsScale) {
  EXPECT_EQ(sparkline({0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0}, 0, 7, 60), "▁▂▃▄▅▆▇█");
  EXPECT_EQ(sparkline({0.0, std::nullopt, 7.0}, 0, 7, 60), "▁ █");
  EXPECT_EQ(sparkline({3.0, 3.0}, 3, 3, 60), "▁▁");
  EXPECT_EQ(sparkline({0.0, 1.0, 2.0, 7.0}, 0, 7, 2), "▂█");
  EXPECT_EQ(sparkline({}, 0, 7, 60), "");
}

}  // namespace
}  // namespace cachegauge
