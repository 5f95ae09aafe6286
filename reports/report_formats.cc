#include "reports/report_formats.h"

namespace cachegauge {

std::span<const ReportFormat> report_formats() {
  static constexpr ReportFormat kFormats[] = {
      {"text",
       "tables, how the runs went over time, what was found",
       ".txt",
       write_text,
       {},
       false,
       true},
      {"markdown",
       "for a pull request: a short table, the finding, details folded",
       ".md",
       write_markdown,
       {},
       false,
       true},
      {"html", "one page with charts, to open in a browser: needs no network and no other file",
       ".html", CACHEGAUGE_HAS_CHART_JS ? write_html : nullptr,
       "Chart.js was not found: apt-get install libjs-chart.js, then configure and build again",
       true, true},
      {"csv",
       "a row for each result, a column for each figure",
       ".csv",
       write_csv,
       {},
       false,
       true},
      {"junit", "JUnit XML: a test case for each result", ".xml", write_junit},
      {"openmetrics", "OpenMetrics, for Prometheus' textfile collector too", ".prom",
       write_openmetrics},
      {"hgrm", "percentile distributions, as HdrHistogram's plotter takes them", ".hgrm",
       write_hgrm},
      {"gbench", "Google Benchmark's JSON, for its compare.py", ".gbench.json", write_gbench},
      {"custom-smaller", "github-action-benchmark's customSmallerIsBetter", ".smaller.json",
       write_custom_smaller},
      {"custom-bigger", "github-action-benchmark's customBiggerIsBetter", ".bigger.json",
       write_custom_bigger},
  };
  return kFormats;
}

std::string describe(const ReportFormat& format) {
  if (format.write) return std::string(format.summary);
  return "not built: " + std::string(format.not_built);
}

}  // namespace cachegauge
