// What `cachegauge report` can turn reports into: a file and a row for each format.
// docs/report.md, "Other formats", says what stands where in each.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "reports/report_reader.h"
#include "reports/text_table.h"

namespace cachegauge {

using NamedReports = std::span<const NamedReport>;

struct ReportFormat {
  std::string_view name;
  std::string_view summary;
  std::string_view extension;  // of its files: ".csv"
  // The whole output, in UTF-8, ending with a newline. The style bears on text alone. Null if the
  // format was not built.
  std::string (*write)(NamedReports reports, const TextTableStyle& style);
  std::string_view not_built = {};  // why, and what to do about it
  // Of the reports that it takes; empty: those of runs alone.
  std::span<const std::string_view> kinds = {};

  bool takes(std::string_view kind) const;
};

std::span<const ReportFormat> report_formats();

// What the row says of itself: its summary, or why it was not built.
std::string describe(const ReportFormat& format);

std::string write_text(NamedReports reports, const TextTableStyle& style);
std::string write_markdown(NamedReports reports, const TextTableStyle& style);
std::string write_html(NamedReports reports, const TextTableStyle& style);
std::string write_csv(NamedReports reports, const TextTableStyle& style);
std::string write_junit(NamedReports reports, const TextTableStyle& style);
std::string write_openmetrics(NamedReports reports, const TextTableStyle& style);
std::string write_hgrm(NamedReports reports, const TextTableStyle& style);
std::string write_gbench(NamedReports reports, const TextTableStyle& style);
std::string write_custom_smaller(NamedReports reports, const TextTableStyle& style);
std::string write_custom_bigger(NamedReports reports, const TextTableStyle& style);

}  // namespace cachegauge
