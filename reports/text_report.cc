// For a terminal: what the command printed, and of a run how it went over time.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "harness/core/units.h"
#include "reports/micro_table.h"
#include "reports/profile_table.h"
#include "reports/report_formats.h"
#include "reports/report_hazards.h"
#include "reports/run_comparison.h"
#include "reports/run_figures.h"
#include "reports/run_table.h"
#include "reports/simulation_table.h"
#include "reports/sparkline.h"
#include "reports/stampede_finding.h"
#include "reports/stampede_table.h"

namespace cachegauge {
namespace {

using Values = std::vector<std::optional<double>>;

struct SeriesColumn {
  std::string_view name;
  FigureFormat format;
  std::optional<double> (*value)(const SeriesPoint&);
};

constexpr SeriesColumn kSeriesColumns[] = {
    {"hit ratio", format_percent, [](const SeriesPoint& p) { return p.hit_ratio; }},
    {"requests per s", format_rate, [](const SeriesPoint& p) { return p.throughput_rps; }},
    {"response p99", format_duration,
     [](const SeriesPoint& p) { return std::optional<double>(p.p99_ns); }},
    {"bytes used", format_whole,
     [](const SeriesPoint& p) { return std::optional<double>(p.bytes_used); }},
};

struct Line {
  std::string name;
  Values values;
  double low = HUGE_VAL, high = -HUGE_VAL;
  std::string range;  // "37.07% to 52.11% in 9.45 s"
};

std::vector<Line> series_lines(const ComparedWorkload& workload, const SeriesColumn& column) {
  std::vector<Line> lines;
  for (const ComparedCell& cell : workload.cells) {
    Line line{printable(cell.name), {}};
    const RunResult& result = cell.cell->result;
    for (const SeriesPoint& point : series_points(result.series, result.series_span_ns())) {
      const std::optional<double> value = column.value(point);
      line.values.push_back(value);
      line.low = std::min(line.low, value.value_or(line.low));
      line.high = std::max(line.high, value.value_or(line.high));
    }
    if (line.low > line.high || line.values.size() < 2) continue;
    line.range = fmt::format("{} to {} in {}", column.format(line.low), column.format(line.high),
                             format_duration(static_cast<double>(result.series_span_ns())));
    lines.push_back(std::move(line));
  }
  return lines;
}

// All lines of a block share the scale of their bars; the time is that of each.
std::string draw_block(const SeriesColumn& column, const std::vector<Line>& lines, int width) {
  constexpr int kMostBars = 60, kLeastBars = 8, kGaps = 6;
  int name_width = 0, range_width = 0;
  double low = HUGE_VAL, high = -HUGE_VAL;
  for (const Line& line : lines) {
    name_width = std::max(name_width, display_width(line.name));
    range_width = std::max(range_width, display_width(line.range));
    low = std::min(low, line.low);
    high = std::max(high, line.high);
  }
  const int room = width > 0 ? width - name_width - range_width - kGaps : kMostBars;
  const auto bars = static_cast<size_t>(std::clamp(room, kLeastBars, kMostBars));
  std::string out = fmt::format("{} over time\n", column.name);
  for (const Line& line : lines) {
    const std::string padding(static_cast<size_t>(name_width - display_width(line.name)), ' ');
    out += fmt::format("  {}{}  {}  {}\n", line.name, padding,
                       sparkline(line.values, low, high, bars), line.range);
  }
  return out + "\n";
}

std::string over_time(const RunReport& report, int width) {
  const std::vector<ComparedWorkload> workloads = compare_run(report);
  std::string out;
  for (const ComparedWorkload& workload : workloads) {
    for (const SeriesColumn& column : kSeriesColumns) {
      const std::vector<Line> lines = series_lines(workload, column);
      if (lines.empty()) continue;
      if (workloads.size() > 1) {
        out += printable(workload.cells.front().cell->label.workload) + ": ";
      }
      out += draw_block(column, lines, width);
    }
  }
  return out;
}

}  // namespace

std::string write_text(NamedReports reports, const TextTableStyle& style) {
  std::string out;
  for (const NamedReport& named : reports) {
    if (!out.empty()) out += "\n";
    if (reports.size() > 1) out += fmt::format("== {}\n\n", printable(named.name));
    const std::string hazards = count_hazards(report_hazards(named));
    if (!hazards.empty()) out += fmt::format("read with care: {} (below)\n\n", hazards);
    if (named.micro) {
      out += micro_table(*named.micro, style) + "\n";
      // Of a report without cells: what a reader must know.
      const std::string remarks = run_table(named.report, style);
      out += remarks + (remarks.empty() ? "" : "\n") + micro_finding(*named.micro, named.name);
    } else if (named.simulation) {
      out += simulation_table(*named.simulation, style) + simulation_finding(*named.simulation);
    } else if (named.stampede) {
      out += stampede_table(*named.stampede, style) + stampede_finding(*named.stampede);
    } else if (named.profile) {
      out += profile_text(*named.profile, style);
    } else {
      out += run_table(named.report, style) + "\n";
      out += over_time(named.report, style.width);
      out += run_finding(named.report);
    }
  }
  return out;
}

}  // namespace cachegauge
