#include "reports/text_table.h"

#include <algorithm>

namespace cachegauge {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::string_view kBold = "\x1b[1m";
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kReset = "\x1b[0m";

std::string padding(int width, std::string_view text) {
  return std::string(static_cast<size_t>(std::max(0, width - display_width(text))), ' ');
}

void end_line(std::string& out) {
  while (out.ends_with(' ')) out.pop_back();
  out += '\n';
}

// One way to draw the table: which columns, and ranges or not.
class Layout {
 public:
  Layout(const TextTable& table, std::vector<size_t> columns, bool ranges)
      : table_(table), columns_(std::move(columns)), ranges_(ranges) {
    name_width_ = display_width(table.heading);
    for (const TextRow& row : table.rows) {
      name_width_ = std::max(name_width_, display_width(row.name));
    }
    for (size_t c : columns_) widths_.push_back(column_width(c));
  }

  int width() const {
    int total = name_width_;
    for (int width : widths_) total += static_cast<int>(kGap.size()) + width;
    return total;
  }

  std::string draw(bool color) const {
    std::string out;
    draw_heading(out);
    for (const TextRow& row : table_.rows) {
      draw_row(out, row, color);
      if (ranges_ && row.remark.empty()) draw_ranges(out, row, color);
    }
    return out;
  }

 private:
  // A column with a "*" in it keeps one place for it in all its rows, so that digits align.
  bool has_mark(size_t column) const {
    return std::any_of(table_.rows.begin(), table_.rows.end(), [&](const TextRow& row) {
      return row.remark.empty() && row.cells[column].is_best;
    });
  }

  int column_width(size_t column) const {
    int width = 0;
    for (const TextRow& row : table_.rows) {
      if (!row.remark.empty()) continue;
      const TextCell& cell = row.cells[column];
      width = std::max(width, display_width(cell.text));
      if (ranges_) width = std::max(width, display_width(cell.range));
    }
    if (has_mark(column)) ++width;
    for (const std::string& line : table_.columns[column].heading) {
      width = std::max(width, display_width(line));
    }
    return width;
  }

  void draw_heading(std::string& out) const {
    size_t lines = 1;
    for (size_t c : columns_) lines = std::max(lines, table_.columns[c].heading.size());
    for (size_t line = 0; line < lines; ++line) {
      const std::string_view name = line + 1 == lines ? std::string_view(table_.heading) : "";
      out += name;
      out += padding(name_width_, name);
      for (size_t i = 0; i < columns_.size(); ++i) {
        const auto& heading = table_.columns[columns_[i]].heading;
        const size_t skipped = lines - heading.size();
        put(out, i, line >= skipped ? std::string_view(heading[line - skipped]) : "", false, "");
      }
      end_line(out);
    }
  }

  void draw_row(std::string& out, const TextRow& row, bool color) const {
    out += row.name;
    out += padding(name_width_, row.name);
    if (!row.remark.empty()) {
      out += kGap;
      out += row.remark;
    } else {
      for (size_t i = 0; i < columns_.size(); ++i) {
        const TextCell& cell = row.cells[columns_[i]];
        const std::string text = cell.text + (cell.is_best ? "*" : "");
        put(out, i, text, has_mark(columns_[i]) && !cell.is_best,
            color && cell.is_best ? kBold : std::string_view());
      }
    }
    end_line(out);
  }

  void draw_ranges(std::string& out, const TextRow& row, bool color) const {
    const bool none = std::all_of(columns_.begin(), columns_.end(),
                                  [&](size_t c) { return row.cells[c].range.empty(); });
    if (none) return;
    out += padding(name_width_, "");
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string& range = row.cells[columns_[i]].range;
      put(out, i, range, has_mark(columns_[i]),
          color && !range.empty() ? kDim : std::string_view());
    }
    end_line(out);
  }

  void put(std::string& out, size_t i, std::string_view text, bool leave_mark_free,
           std::string_view escape) const {
    out += kGap;
    out += padding(widths_[i] - (leave_mark_free ? 1 : 0), text);
    out += escape;
    out += text;
    if (!escape.empty()) out += kReset;
    if (leave_mark_free) out += ' ';
  }

  const TextTable& table_;
  std::vector<size_t> columns_;
  bool ranges_;
  int name_width_ = 0;
  std::vector<int> widths_;  // of columns_
};

}  // namespace

TextTable::Rendered TextTable::render(const TextTableStyle& style) const {
  Rendered rendered;
  std::vector<size_t> shown(columns.size());
  for (size_t c = 0; c < columns.size(); ++c) shown[c] = c;
  bool ranges = std::any_of(rows.begin(), rows.end(), [](const TextRow& row) {
    return std::any_of(row.cells.begin(), row.cells.end(),
                       [](const TextCell& cell) { return !cell.range.empty(); });
  });
  while (style.width > 0 && Layout(*this, shown, ranges).width() > style.width) {
    const auto least = std::min_element(shown.begin(), shown.end(), [&](size_t a, size_t b) {
      return columns[a].importance < columns[b].importance;
    });
    if (ranges && (shown.size() <= 1 || range_importance < columns[*least].importance)) {
      ranges = false;
    } else if (shown.size() > 1) {
      rendered.left_out.push_back(columns[*least].name);
      shown.erase(least);
    } else {
      break;
    }
  }
  rendered.has_ranges = ranges;
  for (const TextRow& row : rows) {
    for (size_t c : shown) {
      rendered.has_best |= row.remark.empty() && row.cells[c].is_best;
    }
  }
  rendered.text = Layout(*this, shown, ranges).draw(style.color);
  return rendered;
}

std::string printable(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte == 0xc2 && next >= 0x80 && next < 0xa0) {  // U+0080 to U+009F: controls, too
      out += '?';
      ++i;
    } else {
      out += byte < 0x20 || byte == 0x7f ? '?' : text[i];
    }
  }
  return out;
}

int display_width(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace cachegauge
