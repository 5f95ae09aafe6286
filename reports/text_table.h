// A table for a terminal: columns aligned, those that matter least left out where it is narrow. It
// knows nothing of what it shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cachegauge {

struct TextColumn {
  std::vector<std::string> heading;  // lines, aligned at the bottom
  int importance = 0;                // the least is left out first
  std::string name;                  // how a column that is left out is spoken of
};

struct TextCell {
  std::string text;
  std::string range;     // shown below the row, dim; empty: nothing
  bool is_best = false;  // a "*" follows
};

struct TextRow {
  std::string name;
  std::vector<TextCell> cells;  // one for each column
  std::string remark;           // in place of the cells, if not empty; may be of any length
};

struct TextTableStyle {
  int width = 0;  // in columns of the terminal; 0: no limit
  bool color = false;
};

struct TextTable {
  std::string heading;  // of the names' column
  std::vector<TextColumn> columns;
  std::vector<TextRow> rows;
  // Ranges are left out like a column of this importance.
  int range_importance = 0;

  struct Rendered {
    std::string text;                   // lines, each ended by a newline, none ending in a space
    std::vector<std::string> left_out;  // names of columns that did not fit
    bool has_ranges = false;
    bool has_best = false;
  };
  // The names' column and the most important column are always kept, so a line may exceed a width
  // that is smaller than these.
  Rendered render(const TextTableStyle& style) const;
};

// `text` with control characters replaced by "?": what comes from outside must not move the cursor.
std::string printable(std::string_view text);

// How many columns of a terminal `text` takes: UTF-8 characters, each counted as one.
int display_width(std::string_view text);

}  // namespace cachegauge
