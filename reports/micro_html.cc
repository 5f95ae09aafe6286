#include "reports/micro_html.h"

#include "reports/html_model.h"
#include "reports/json_parts.h"
#include "reports/micro_grid.h"

namespace cachegauge {
namespace {

Json figure_json(const MicroFigure* figure, const MicroFigure* best) {
  if (!figure) return nullptr;
  return {{"time_ns", figure->time_ns ? summary_json(*figure->time_ns) : Json()},
          {"failure", text_or_null(figure->failure)},
          {"best", best && figure == best}};
}

// A part of an item's bytes, of the first benchmark that knows it.
Json first_known(const MicroGrid::Row& row, std::optional<double> (*part)(const MicroFigure&)) {
  for (const MicroFigure* figure : row.figures) {
    const auto value = figure ? part(*figure) : std::nullopt;
    if (value) return *value;
  }
  return nullptr;
}

Json row_json(const MicroGrid& grid, const MicroGrid::Row& row) {
  Json figures = Json::array();
  for (size_t i = 0; i < row.figures.size(); ++i) {
    figures.push_back(figure_json(row.figures[i], clearly_fastest(grid.figures_in(i))));
  }
  return {
      {"name", row.subject},
      {"payload", first_known(row, [](const MicroFigure& f) { return f.payload_per_item; })},
      {"overhead", first_known(row, [](const MicroFigure& f) { return f.overhead_per_item(); })},
      {"bytes", known(row.bytes)},
      {"figures", std::move(figures)}};
}

Json grid_json(const MicroGrid& grid) {
  Json json = {{"heading", grid.heading()},
               {"of_codecs", grid.of_codecs},
               {"threads", grid.threads},
               {"subject", grid.subject_name()},
               {"bytes_name", grid.bytes_name()},
               {"columns", Json::array()},
               {"rows", Json::array()}};
  for (const MicroGrid::Column& column : grid.columns) {
    json["columns"].push_back({{"operation", column.operation}, {"items", column.items_text()}});
  }
  for (const MicroGrid::Row& row : grid.rows) json["rows"].push_back(row_json(grid, row));
  return json;
}

}  // namespace

Json micro_html_model(const NamedReport& named) {
  const MicroReport& micro = *named.micro;
  Json json = html_model(named, {{"finding", lines_json(micro_finding(micro, named.name))},
                                 {"workload", {{"label", micro.workload}}}});
  json["kind"] = named.kind;
  json["grids"] = Json::array();
  for (const MicroGrid& grid : micro_grids(micro)) json["grids"].push_back(grid_json(grid));
  return json;
}

}  // namespace cachegauge
