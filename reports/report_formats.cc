#include "reports/report_formats.h"

namespace cachegauge {

std::span<const ReportFormat> report_formats() {
  static constexpr ReportFormat kFormats[] = {
      {"text", "tables, how the runs went over time, what was found", write_text},
      {"markdown", "for a pull request: a short table, the finding, details folded",
       write_markdown},
      {"csv", "a row for each result, a column for each figure", write_csv},
      {"junit", "JUnit XML: a test case for each result", write_junit},
      {"openmetrics", "OpenMetrics, for Prometheus' textfile collector too", write_openmetrics},
      {"hgrm", "percentile distributions, as HdrHistogram's plotter takes them", write_hgrm},
      {"gbench", "Google Benchmark's JSON, for its compare.py", write_gbench},
      {"custom-smaller", "github-action-benchmark's customSmallerIsBetter", write_custom_smaller},
      {"custom-bigger", "github-action-benchmark's customBiggerIsBetter", write_custom_bigger},
  };
  return kFormats;
}

}  // namespace cachegauge
