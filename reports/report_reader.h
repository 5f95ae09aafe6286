// Reads a report of a run back into what the reporters take, so that the program that ran and one
// that only reads show the same through the same code. Counters, histograms and settings come from
// results[]; ratios, percentiles and summaries are derived from them anew (harness/core/metrics.h).
//
// docs/report.md has the rules: fields that are not known are passed over, a schema_version that is
// not known is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "harness/core/micro_report.h"
#include "harness/core/profile_report.h"
#include "harness/core/report.h"
#include "harness/core/simulation_report.h"
#include "harness/core/stampede_report.h"

namespace cachegauge {

// A report, how to speak of it (the path it was read from), and its JSON as it was written. Of a
// kind other than "run", `report` has nothing but what all kinds share, and the rest stands below.
struct NamedReport {
  std::string name;
  RunReport report;
  std::string json;
  std::string kind = "run";
  std::optional<MicroReport> micro = std::nullopt;  // of the kind "micro"
  std::optional<SimulationReport> simulation = std::nullopt;
  std::optional<ProfileReport> profile = std::nullopt;
  std::optional<StampedeReport> stampede = std::nullopt;
};

// Far above any report: 200 results with a full series each take 30 MB.
inline constexpr size_t kMaxReportBytes = size_t{128} << 20;

// Throws Error::failed naming file, place and remedy for anything but a whole report of kind `run`
// and a version that is known, whose counts agree with each other and with its histograms.
RunReport parse_run_report(const std::string& text, std::string_view file);

// Likewise, of a simulation, a profile or a stampede, and the JSON of `micro`.
NamedReport parse_any_report(std::string text, std::string_view file);

// The file's bytes. Error::usage where there is no such file; Error::failed where it cannot be
// read, or is larger than any report.
std::string read_report_file(const std::string& path);

// Throw as those above.
NamedReport read_run_report(const std::string& path);
NamedReport read_any_report(const std::string& path);

}  // namespace cachegauge
