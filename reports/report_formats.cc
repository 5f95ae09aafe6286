#include "reports/report_formats.h"

#include <algorithm>

namespace cachegauge {

std::span<const ReportFormat> report_formats() {
  static constexpr std::string_view kAll[] = {"run", "simulate", "profile", "stampede", "micro"};
  static constexpr std::string_view kOurs[] = {"run", "simulate", "profile", "stampede"};
  static constexpr ReportFormat kFormats[] = {
      {"text", "tables, how the runs went over time, what was found", ".txt", write_text, {}, kAll},
      {"markdown",
       "for a pull request: a short table, the finding, details folded",
       ".md",
       write_markdown,
       {},
       kAll},
      {"html", "one page with charts, to open in a browser: needs no network and no other file",
       ".html", CACHEGAUGE_HAS_CHART_JS ? write_html : nullptr,
       "Chart.js was not found: apt-get install libjs-chart.js, then configure and build again",
       kAll},
      {"csv", "a row for each result, a column for each figure", ".csv", write_csv, {}, kAll},
      {"junit", "JUnit XML: a test case for each result", ".xml", write_junit},
      {"openmetrics",
       "OpenMetrics, for Prometheus' textfile collector too",
       ".prom",
       write_openmetrics,
       {},
       kOurs},
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

bool ReportFormat::takes(std::string_view kind) const {
  return kinds.empty() ? kind == "run" : std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

std::string describe(const ReportFormat& format) {
  if (format.write) return std::string(format.summary);
  return "not built: " + std::string(format.not_built);
}

}  // namespace cachegauge
