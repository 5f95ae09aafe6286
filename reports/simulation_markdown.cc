#include <algorithm>

#include "harness/core/curve_knee.h"
#include "harness/core/units.h"
#include "reports/curve_report.h"
#include "reports/markdown_parts.h"
#include "reports/run_figures.h"
#include "reports/simulation_table.h"
#include "reports/sizing_markdown.h"

namespace cachegauge {
namespace {

std::string size_or_dash(const MissRatioCurve& curve, const std::optional<uint64_t>& size) {
  if (!size) return "-";
  return curve.in_bytes ? format_size(*size) : format_count(*size);
}

TextTable curve_sizes(const SimulationReport& report) {
  constexpr int kPercents[] = {50, 80, 90, 95};
  TextTable table{.heading = report.curves[0].in_bytes ? "curve, in bytes" : "curve, in entries"};
  table.columns.push_back({{"knee"}});
  for (const int percent : kPercents) {
    table.columns.push_back({{std::to_string(percent) + " % of its hits"}});
  }
  for (const MissRatioCurve& curve : report.curves) {
    TextRow row{curve.policy, {{size_or_dash(curve, knee_of(curve))}}};
    for (const int percent : kPercents) {
      row.cells.push_back({size_or_dash(curve, size_for_share(curve, percent / 100.0))});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

TextTable all_counts(const SimulationReport& report) {
  TextTable table{.heading = "simulation"};
  for (const SimulationResult& result : report.results) {
    table.rows.push_back({result.policy + (result.size.empty() ? "" : " at " + result.size), {}});
  }
  for (const SimulationField& field : simulation_fields()) {
    const auto count_of = [&](const SimulationResult& r) { return r.counts.*field.count; };
    if (std::all_of(report.results.begin(), report.results.end(),
                    [&](const SimulationResult& r) { return count_of(r) == 0; })) {
      continue;
    }
    table.columns.push_back({{std::string(field.name)}});
    for (size_t i = 0; i < table.rows.size(); ++i) {
      table.rows[i].cells.push_back({format_count(count_of(report.results[i]))});
    }
  }
  return table;
}

}  // namespace

std::string simulation_markdown(const SimulationReport& report) {
  std::string out = markdown_paragraphs(simulation_heading(report));
  for (const TextTable& table : simulation_tables(report)) out += markdown_table(table);
  if (!report.curves.empty()) out += markdown_table(curve_sizes(report));
  out += markdown_paragraphs(simulation_finding(report));
  const std::string counts =
      report.results.empty() ? std::string() : markdown_table(all_counts(report));
  return out + markdown_details("All counts", counts + markdown_machine(report.context));
}

}  // namespace cachegauge
