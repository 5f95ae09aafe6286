// The JSON of github-action-benchmark's tools customSmallerIsBetter and customBiggerIsBetter: a
// list of {name, unit, value, range, extra}. The figures are those of the table whose better
// direction is known: medians over the repetitions.
#include <fmt/format.h>

#include "reports/json.h"
#include "reports/report_formats.h"
#include "reports/run_columns.h"
#include "reports/run_comparison.h"
#include "reports/run_hazards.h"

namespace cachegauge {
namespace {

std::string explain(const ComparedCell& cell, const Summary& summary, const std::string& hazards) {
  std::string text = fmt::format("{} repetition{}", summary.n, summary.n == 1 ? "" : "s");
  if (!cell.complete) text += "\ninterrupted";
  if (!hazards.empty()) text += "\nread with care: " + hazards;
  return text;
}

Json entry(const std::string& name, const ComparedCell& cell, const RunColumn& column,
           const std::string& hazards) {
  const Summary& summary = *cell.find(column.metric);
  Json json = {
      {"name", fmt::format("{} {}", name, column.metric)},
      {"unit", column.unit},
      {"value", summary.median},
  };
  if (summary.n > 1) json["range"] = fmt::format("{} to {}", summary.low, summary.high);
  json["extra"] = explain(cell, summary, hazards);
  return json;
}

std::string write(NamedReports reports, Better better) {
  Json list = Json::array();
  for (const NamedReport& named : reports) {
    const std::string hazards = count_hazards(run_hazards(named.report));
    for (const ComparedWorkload& workload : compare_run(named.report)) {
      for (const ComparedCell& cell : workload.cells) {
        if (!cell.has_figures()) continue;
        const std::string name = (reports.size() > 1 ? named.name + ": " : "") + cell.summary.id;
        for (const RunColumn& column : run_columns()) {
          if (column.better != better || !cell.find(column.metric)) continue;
          list.push_back(entry(name, cell, column, hazards));
        }
      }
    }
  }
  return list.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string write_custom_smaller(NamedReports reports, const TextTableStyle&) {
  return write(reports, Better::kLower);
}

std::string write_custom_bigger(NamedReports reports, const TextTableStyle&) {
  return write(reports, Better::kHigher);
}

}  // namespace cachegauge
