#include "reports/figure_rows.h"

#include <fmt/format.h>

#include "reports/json_parts.h"

namespace cachegauge {
namespace {

void add_leaves(FigureRow& row, const Json& json, const std::string& path = "") {
  for_each_leaf(json, path, [&](const std::string& at, const Json& leaf) {
    if (at.starts_with("params.") || at.ends_with(".histogram")) return;
    if (leaf.is_string()) row.labels.emplace_back(at, leaf.get<std::string>());
    if (leaf.is_number()) row.figures.emplace_back(at, leaf.get<double>());
    if (leaf.is_boolean()) row.figures.emplace_back(at, leaf.get<bool>() ? 1 : 0);
  });
}

std::vector<std::string> texts_in(const Json& result, const char* name) {
  return result.contains(name) ? result.at(name).get<std::vector<std::string>>()
                               : std::vector<std::string>();
}

void add_curve(std::vector<FigureRow>& rows, const Json& curve) {
  FigureRow whole;
  add_leaves(whole, curve);
  const std::string capacity = "capacity." + curve.at("unit").get<std::string>();
  for (Json point : curve.at("points")) {
    FigureRow row;
    row.labels = whole.labels;
    const Json size = point.at("size");
    row.labels.emplace_back("size", size.dump());
    row.figures.emplace_back(capacity, size.get<double>());
    point.erase("size");
    add_leaves(row, point);
    rows.push_back(std::move(row));
  }
  rows.push_back(std::move(whole));
}

void add_verdict(std::vector<FigureRow>& rows, const Json& report) {
  const Json& verdict = report.at("verdict");
  const auto id = report.at("results").at(0).at("id").get<std::string>();
  add_leaves(rows.at(0), verdict, "verdict");
  for (Json candidate : verdict.at("candidates")) {
    FigureRow row;
    row.labels = {{"id", id}, {"candidate", candidate.at("name").get<std::string>()}};
    candidate.erase("name");
    add_leaves(row, candidate, "candidate");
    rows.push_back(std::move(row));
  }
}

}  // namespace

std::vector<FigureRow> figure_rows(const Json& report) {
  std::vector<FigureRow> rows;
  for (const Json& result : report.at("results")) {
    FigureRow& row = rows.emplace_back();
    row.flags = texts_in(result, "flags");
    row.warnings = texts_in(result, "warnings");
    add_leaves(row, result);
  }
  if (report.contains("curves")) {
    for (const Json& curve : report.at("curves")) add_curve(rows, curve);
  }
  if (report.contains("verdict")) add_verdict(rows, report);
  return rows;
}

}  // namespace cachegauge
