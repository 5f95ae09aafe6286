#include "reports/class_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "harness/core/units.h"
#include "reports/run_figures.h"

namespace cachegauge {
namespace {

struct ClassColumn {
  std::string_view metric;  // of a class
  std::vector<std::string> heading;
  int importance;
  FigureFormat format;
};

const std::vector<ClassColumn>& class_columns() {
  static const std::vector<ClassColumn> columns = {
      {"requests", {"requests"}, 50, format_whole},
      {"hit_ratio", {"hit", "ratio"}, 100, format_percent},
      {"response_time_ns.get.mean", {"read", "mean"}, 90, format_duration},
      {"response_time_ns.get.p99", {"read", "p99"}, 65, format_duration},
      {"response_time_ns.write.mean", {"write", "mean"}, 85, format_duration},
      {"response_time_ns.write.p99", {"write", "p99"}, 60, format_duration},
      {"origin.calls", {"origin", "reads"}, 75, format_whole},
      {"pattern_figures.origin_write_calls", {"origin", "writes"}, 70, format_whole},
      {"pattern_figures.stale_share", {"stale", "reads"}, 80, format_percent},
      {"pattern_figures.lost_writes", {"writes", "lost"}, 55, format_whole},
      {"pattern_figures.drifted_keys", {"keys", "drifted"}, 45, format_whole},
  };
  return columns;
}
constexpr int kPatternImportance = 95;

// Its parameters are in the report.
std::string pattern_kind(const ClassFigures& figures) {
  return printable(figures.pattern_spec.substr(0, figures.pattern_spec.find(':')));
}

struct ClassOfCell {
  const ComparedCell* cell;
  const ClassFigures* figures;

  const Summary* find(const ClassColumn& column) const {
    return cell->find(fmt::format("classes.{}.{}", figures->name, column.metric));
  }
};

std::vector<ClassOfCell> classes_of(const ComparedWorkload& workload) {
  std::vector<ClassOfCell> classes;
  for (const ComparedCell& cell : workload.cells) {
    if (!cell.has_figures()) continue;
    for (const ClassFigures& figures : cell.cell->result.classes)
      classes.push_back({&cell, &figures});
  }
  return classes;
}

}  // namespace

TextTable class_table(const ComparedWorkload& workload) {
  constexpr int kRangeImportance = 40;
  TextTable table;
  table.heading = "by class of key";
  table.range_importance = kRangeImportance;
  const std::vector<ClassOfCell> classes = classes_of(workload);
  if (classes.empty()) return table;
  table.columns.push_back({{"pattern"}, kPatternImportance, "pattern"});
  for (const auto& [cell, figures] : classes) {
    table.rows.push_back(
        {printable(cell->name + " " + figures->name), {{pattern_kind(*figures), "", false}}, {}});
  }
  for (const ClassColumn& column : class_columns()) {
    const bool any =
        std::ranges::any_of(classes, [&](const auto& one) { return one.find(column); });
    if (!any) continue;
    for (size_t i = 0; i < classes.size(); ++i) {
      const Summary* s = classes[i].find(column);
      table.rows[i].cells.push_back(
          s ? TextCell{column.format(s->median), format_range(*s, column.format), false}
            : TextCell{"-", "", false});
    }
    table.columns.push_back(
        {column.heading, column.importance, fmt::format("{}", fmt::join(column.heading, " "))});
  }
  return table;
}

}  // namespace cachegauge
