#include "reports/micro_grid.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/units.h"
#include "reports/escape.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

// The place of the first that fits, made if there is none.
template <class T, class Fits>
size_t find_or_add(std::vector<T>& list, Fits fits, T otherwise) {
  const auto found = std::find_if(list.begin(), list.end(), fits);
  const auto place = static_cast<size_t>(found - list.begin());
  if (found == list.end()) list.push_back(std::move(otherwise));
  return place;
}

MicroGrid& grid_for(std::vector<MicroGrid>& grids, const MicroFigure& figure) {
  const auto fits = [&](const MicroGrid& grid) {
    return grid.of_codecs == figure.is_codec() && grid.value == figure.value &&
           grid.threads == figure.threads;
  };
  return grids[find_or_add(grids, fits,
                           {.of_codecs = figure.is_codec(),
                            .value = figure.value,
                            .threads = figure.threads,
                            .columns = {},
                            .rows = {}})];
}

void add(MicroGrid& grid, const MicroFigure& figure) {
  const size_t column =
      find_or_add(grid.columns, [&](const MicroGrid::Column& c) { return c.has(figure); },
                  {figure.operation, figure.full_items});
  MicroGrid::Row& row = grid.rows[find_or_add(
      grid.rows, [&](const MicroGrid::Row& r) { return r.subject == figure.subject; },
      {figure.subject, {}, {}})];
  row.figures.resize(std::max(row.figures.size(), column + 1));
  row.figures[column] = &figure;
  if (!row.bytes) row.bytes = grid.of_codecs ? figure.encoded_bytes : figure.bytes_per_item;
}

// "lru 31.2 ns, redis 20.1 us (644 times as long)", the fastest first.
std::string ranking(const std::vector<const MicroFigure*>& ranked) {
  std::string text;
  for (const MicroFigure* figure : ranked) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", printable(figure->subject),
                        format_duration(figure->time_ns->median));
    if (figure == ranked.front()) continue;
    text += fmt::format(" ({:.3g} times as long)", times_as_long(*figure, *ranked.front()));
  }
  return text;
}

// Of the operation that was measured first.
std::string finding_of(const MicroGrid& grid) {
  std::vector<const MicroFigure*> ranked = grid.figures_in(0);
  std::erase_if(ranked, [](const MicroFigure* f) { return !f || !f->time_ns; });
  if (ranked.empty()) return {};
  std::stable_sort(ranked.begin(), ranked.end(), [](const MicroFigure* a, const MicroFigure* b) {
    return a->time_ns->median < b->time_ns->median;
  });
  std::string text = fmt::format("{}, {}: {}", printable(grid.columns[0].operation),
                                 printable(grid.heading()), ranking(ranked));
  if (ranked.size() > 1 && !clearly_fastest(ranked)) {
    text += "; which is the fastest cannot be told";
    const bool too_few = std::any_of(ranked.begin(), ranked.end(), [](const MicroFigure* f) {
      return f->time_ns->n < kEnoughMicroRepetitions;
    });
    if (too_few) text += " from so few repetitions (--benchmark_repetitions=5)";
  }
  return text + "\n";
}

}  // namespace

std::string MicroGrid::Column::items_text() const {
  return full_items > 0 ? format_count(full_items) + " items" : std::string();
}

std::string MicroGrid::heading() const {
  const bool is_number = value.find_first_not_of("0123456789") == std::string::npos;
  const bool is_size = is_number && !value.empty() && value.size() < 19;
  std::string text = fmt::format("{} of {}", of_codecs ? "documents" : "values",
                                 is_size ? format_size(std::stoull(value)) : value + " sizes");
  if (threads > 1) text += fmt::format(", {} threads", threads);
  return text;
}

bool MicroGrid::has_bytes() const {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.bytes; });
}

std::vector<const MicroFigure*> MicroGrid::figures_in(size_t column) const {
  std::vector<const MicroFigure*> figures;
  for (const Row& row : rows) figures.push_back(row.figures[column]);
  return figures;
}

std::vector<MicroGrid> micro_grids(const MicroReport& report) {
  std::vector<MicroGrid> grids;
  for (const MicroFigure& figure : report.figures) add(grid_for(grids, figure), figure);
  for (MicroGrid& grid : grids) {
    for (MicroGrid::Row& row : grid.rows) row.figures.resize(grid.columns.size());
  }
  return grids;
}

std::string micro_finding(const MicroReport& report, const std::string& file) {
  std::string text;
  for (const MicroGrid& grid : micro_grids(report)) text += finding_of(grid);
  if (text.empty()) text = "nothing was measured\n";
  text += "not measured: what waits while other requests are under way, an origin, expiry\n";
  return text +
         fmt::format("next: python3 /usr/share/benchmark/compare.py benchmarks {} OTHER.json\n",
                     shell_word(file));
}

}  // namespace cachegauge
