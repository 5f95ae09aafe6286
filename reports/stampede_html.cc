#include "reports/stampede_html.h"

#include <utility>

#include "reports/html_model.h"
#include "reports/json_parts.h"
#include "reports/stampede_finding.h"
#include "reports/stampede_hazards.h"
#include "reports/stampede_table.h"

namespace cachegauge {
namespace {

Json curves_json(const StampedeFigures& figures) {
  Json json = Json::object();
  const std::pair<const char*, const Histogram*> timings[] = {
      {"response_time_ns.in_window", &figures.response_in_window_ns},
      {"response_time_ns.all", &figures.response_ns}};
  for (const auto& [name, histogram] : timings) {
    if (!histogram->empty()) json[name] = percentile_curve(*histogram);
  }
  return json;
}

}  // namespace

Json stampede_html_model(const NamedReport& named) {
  const StampedeReport& report = *named.stampede;
  Json json = html_model(named, {{"finding", lines_json(stampede_finding(report))},
                                 {"workload", {{"label", stampede_heading(report)}}}});
  json["subject"] = "guard";
  json["tables"] = Json::array({html_table(stampede_figures_table(report))});
  json["theory"] = Json::array();
  Json& cells = json["workloads"][0]["cells"];
  for (const StampedeCell& cell : report.cells) {
    const std::string name = stampede_cell_name(report, cell);
    cells.push_back({{"id", cell.id()}, {"name", name}, {"curves", curves_json(cell.figures)}});
    if (!cell.expected) continue;
    json["theory"].push_back({{"name", name}, {"formula", cell.expected->formula}});
  }
  return json;
}

}  // namespace cachegauge
