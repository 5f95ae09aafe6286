// Figures of `micro` side by side: for each value size and number of threads a grid, a row a cache
// and a column an operation. What its tables and its finding are made of.
#pragma once

#include <string>
#include <vector>

#include "harness/core/micro_report.h"

namespace cachegauge {

// Points into the MicroReport.
struct MicroGrid {
  struct Column {
    std::string operation;
    uint64_t full_items = 0;  // of a full cache; 0: not said

    bool has(const MicroFigure& figure) const {
      return figure.operation == operation && figure.full_items == full_items;
    }
    std::string items_text() const;  // "10,000 items"; empty: not said
  };
  struct Row {
    std::string subject;
    std::vector<const MicroFigure*> figures;  // one for each column; null: not measured
    // The first that is known: what an item takes, or an encoded document.
    std::optional<double> bytes;
  };

  bool of_codecs = false;
  std::string value;
  uint64_t threads = 1;
  std::vector<Column> columns;
  std::vector<Row> rows;

  std::string heading() const;  // "values of 100 B, 2 threads"; not yet fit for a terminal
  std::string_view subject_name() const { return of_codecs ? "codec" : "cache"; }
  std::string_view bytes_name() const { return of_codecs ? "encoded" : "per item"; }
  bool has_bytes() const;
  std::vector<const MicroFigure*> figures_in(size_t column) const;  // nulls included
};

// All in order of first appearance.
std::vector<MicroGrid> micro_grids(const MicroReport& report);

// The lines that end what is shown of it: what was found, `not measured: …`, `next: …`. `file` is
// where the JSON lies.
std::string micro_finding(const MicroReport& report, const std::string& file);

}  // namespace cachegauge
