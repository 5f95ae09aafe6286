#include "reports/html_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "reports/report_hazards.h"
#include "reports/run_columns.h"
#include "reports/run_comparison.h"
#include "reports/run_hazards.h"
#include "reports/run_table.h"
#include "reports/simulation_table.h"

namespace cachegauge {
namespace {

// Of a cell's metrics, what the page shows beside the table's columns.
constexpr std::string_view kMetrics[] = {"gets",
                                         "memory.bytes_used",
                                         "memory.payload_bytes_per_item",
                                         "memory.overhead_bytes_per_item",
                                         "memory.rss_extra_bytes_per_item",
                                         "memory.overhead_ratio",
                                         "service_time_ns.origin.mean",
                                         "origin.break_even_ns"};

bool is_shown(std::string_view metric) {
  const auto columns = run_columns();
  return std::find(std::begin(kMetrics), std::end(kMetrics), metric) != std::end(kMetrics) ||
         std::any_of(columns.begin(), columns.end(),
                     [&](const RunColumn& column) { return column.metric == metric; });
}

Json hazards_json(const std::vector<Hazard>& hazards) {
  Json json = Json::array();
  for (const Hazard& hazard : hazards) {
    json.push_back({{"kind", hazard.kind}, {"text", hazard.text}});
  }
  return json;
}

Json columns_json() {
  Json json = Json::array();
  for (const RunColumn& column : run_columns()) {
    Json better;
    if (column.better) better = *column.better == Better::kHigher ? "higher" : "lower";
    json.push_back({{"metric", column.metric},
                    {"name", column.name},
                    {"heading", column.heading},
                    {"unit", column.unit},
                    {"better", std::move(better)}});
  }
  return json;
}

std::string_view state_of(const ComparedCell& cell) {
  if (!cell.has_figures()) return "failed";
  return cell.complete ? "complete" : "interrupted";
}

Json curves_json(const RunReport& report, const std::string& id) {
  Json json = Json::object();
  for (int i = 0; i < kTimingCount; ++i) {
    const auto timing = static_cast<Timing>(i);
    const Histogram histogram = merged_timing(report.cells, id, timing);
    if (!histogram.empty()) json[std::string(timing_name(timing))] = percentile_curve(histogram);
  }
  return json;
}

// A cell that failed has no figures that could be compared.
Json cell_json(const RunReport& report, const ComparedCell& cell) {
  Json metrics = Json::object();
  if (cell.has_figures()) {
    for (const auto& [name, summary] : cell.summary.metrics) {
      if (is_shown(name)) metrics[name] = summary_json(summary);
    }
  }
  return {{"id", cell.summary.id},
          {"name", cell.name},
          {"bounded", cell.cell->adapter_bounded},
          {"state", state_of(cell)},
          {"failure", text_or_null(cell.failure)},
          {"metrics", std::move(metrics)},
          {"curves", cell.has_figures() ? curves_json(report, cell.summary.id) : Json::object()}};
}

void rank(Json& json, const ComparedWorkload& workload) {
  json["columns"] = Json::array();
  json["best"] = json["worst"] = Json::object();
  for (const RunColumn& column : run_columns()) {
    if (says_nothing(column, workload)) continue;
    const std::string metric(column.metric);
    json["columns"].push_back(metric);
    if (!column.better) continue;
    if (const auto* best = clear_best(workload, metric, *column.better)) {
      json["best"][metric] = best->summary.id;
    }
    if (const auto* worst = clear_worst(workload, metric, *column.better)) {
      json["worst"][metric] = worst->summary.id;
    }
  }
}

Json workload_json(const RunReport& report, const ComparedWorkload& workload) {
  const CellReport& first = *workload.cells.front().cell;
  Json json = {{"label", first.label.workload},
               {"requests", count_or_null(first.workload.requests)},
               {"unique_keys", count_or_null(first.workload.unique_keys)},
               {"origin", text_or_null(first.origin)}};
  rank(json, workload);
  json["cells"] = Json::array();
  for (const ComparedCell& cell : workload.cells) json["cells"].push_back(cell_json(report, cell));
  return json;
}

Json head_json(const std::vector<Hazard>& hazards) {
  return {{"hazards", hazards_json(hazards)},
          {"hazard_summary", count_hazards(hazards)},
          {"levels", curve_levels()},
          {"columns", columns_json()},
          {"workloads", Json::array()}};
}

}  // namespace

const std::vector<double>& curve_levels() {
  static const std::vector<double> levels = [] {
    constexpr double kSteps[] = {1, 1.25, 1.6, 2, 2.5, 3.2, 4, 5, 6.3, 8};
    constexpr double kLongest = 1e12;  // more values than any run has
    std::vector<double> all;
    for (double decade = 1; decade < kLongest; decade *= 10) {
      for (double step : kSteps) all.push_back(step * decade);
    }
    return all;
  }();
  return levels;
}

Json percentile_curve(const Histogram& histogram) {
  Json ns = Json::array();
  for (double level : curve_levels()) {
    if (level >= static_cast<double>(histogram.count())) break;
    ns.push_back(histogram.percentile(1 - 1 / level));
  }
  ns.push_back(histogram.max());
  return {{"count", histogram.count()}, {"ns", std::move(ns)}};
}

Json html_table(const TextTable& table) {
  Json json = {{"name", table.heading}, {"columns", Json::array()}, {"rows", Json::array()}};
  for (const TextColumn& column : table.columns) {
    json["columns"].push_back(fmt::format("{}", fmt::join(column.heading, " ")));
  }
  for (const TextRow& row : table.rows) {
    Json cells = Json::array();
    for (const TextCell& cell : row.cells) {
      cells.push_back({{"text", cell.text}, {"range", cell.range}, {"best", cell.is_best}});
    }
    json["rows"].push_back({{"name", row.name}, {"cells", std::move(cells)}});
  }
  return json;
}

Json html_model(const RunReport& report) {
  Json json = head_json(run_hazards(report));
  json["finding"] = lines_json(run_finding(report));
  for (const ComparedWorkload& workload : compare_run(report)) {
    json["workloads"].push_back(workload_json(report, workload));
  }
  return json;
}

Json html_model(const NamedReport& named, const Json& report) {
  Json json = head_json(report_hazards(named));
  json["finding"] = report.value("finding", Json::array());
  const Json workload = report.value("workload", Json::object());
  json["workloads"].push_back({{"label", workload.value("label", "")},
                               {"requests", workload.value("requests", Json())},
                               {"unique_keys", workload.value("unique_keys", Json())},
                               {"origin", nullptr},
                               {"cells", Json::array()}});
  if (!named.simulation) return json;
  json["tables"] = Json::array();
  for (const TextTable& table : simulation_tables(*named.simulation)) {
    json["tables"].push_back(html_table(table));
  }
  return json;
}

}  // namespace cachegauge
