#include "workloads/formats/csv_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "harness/core/error.h"
#include "harness/core/suggest.h"
#include "harness/core/units.h"
#include "workloads/formats/csv_fields.h"
#include "workloads/formats/csv_ops.h"
#include "workloads/formats/parse.h"
#include "workloads/input/row_error.h"

namespace cachegauge {
namespace {

using Row = std::vector<std::string>;

struct RoleInfo {
  std::string_view name;                // of its parameter
  std::vector<std::string_view> words;  // of headers, the most telling first
  bool numeric;
};

const std::array<RoleInfo, kCsvRoles>& role_infos() {
  static const std::array<RoleInfo, kCsvRoles> kInfos = {{
      {"time", {"time", "timestamp", "ts"}, true},
      {"key", {"key", "obj_id", "object_id", "object", "lbn", "id"}, false},
      {"size", {"value_size", "obj_size", "object_size", "size", "bytes"}, true},
      {"op", {"op", "operation", "cmd", "command"}, false},
      {"ttl", {"ttl"}, true},
      {"key_size", {"key_size"}, true},
      // Never by its name: what a count in a trace of unknown origin counts is not known.
      {"count", {}, true},
  }};
  return kInfos;
}

const RoleInfo& info_of(CsvRole role) { return role_infos()[static_cast<size_t>(role)]; }

struct Delimiter {
  std::string_view name;
  char character;
};
// In the order in which `auto` tries them: spaces last, for they occur inside fields.
constexpr std::array<Delimiter, 5> kDelimiters = {
    {{"comma", ','}, {"tab", '\t'}, {"semicolon", ';'}, {"pipe", '|'}, {"space", ' '}}};

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Row split_row(std::string_view line, char delimiter) {
  Row row;
  for (const CsvField& field : split_csv_line(line, delimiter)) {
    std::string_view text = field.text();
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    row.emplace_back(text);
  }
  return row;
}

std::vector<std::string_view> filled_lines(const TraceSample& sample) {
  std::vector<std::string_view> lines = sample.lines();
  std::erase(lines, std::string_view());
  return lines;
}

// The first that splits all lines into the same number of columns, or failing that the first line.
char detect_delimiter(const std::vector<std::string_view>& lines) {
  for (const Delimiter& delimiter : kDelimiters) {
    const size_t columns = split_csv_line(lines[0], delimiter.character).size();
    const bool even = std::all_of(lines.begin(), lines.end(), [&](std::string_view line) {
      return split_csv_line(line, delimiter.character).size() == columns;
    });
    if (columns > 1 && even) return delimiter.character;
  }
  for (const Delimiter& delimiter : kDelimiters) {
    if (split_csv_line(lines[0], delimiter.character).size() > 1) return delimiter.character;
  }
  return ',';
}

std::optional<size_t> find_word(const Row& header, CsvRole role) {
  for (const std::string_view word : info_of(role).words) {
    for (size_t column = 0; column < header.size(); ++column) {
      if (lower(header[column]) == word) return column;
    }
  }
  return std::nullopt;
}

bool is_number(const std::string& field) {
  const char* const end = field.data() + field.size();
  double ignored;
  const auto [rest, error] = std::from_chars(field.data(), end, ignored);
  return error == std::errc() && rest == end;
}

class LayoutResolver {
 public:
  LayoutResolver(const TraceSample& sample, const Spec& spec)
      : path_(sample.path), spec_(spec), lines_(filled_lines(sample)) {
    if (lines_.empty()) {
      throw Error::failed(
          fmt::format("{}: expected csv rows, found no line in the first {}\nname the format: "
                      "format=…",
                      path_, format_size(sample.bytes.size())));
    }
    size_t empty_lines = 0;
    for (const std::string_view line : sample.lines()) {
      if (!line.empty()) break;
      ++empty_lines;
    }
    layout_.delimiter = choose_delimiter();
    first_row_ = split_row(lines_[0], layout_.delimiter);
    layout_.has_header = choose_header();
    if (layout_.has_header) layout_.header_lines = empty_lines + 1;
  }

  CsvLayout resolve() {
    layout_.time_unit_ns = unit_ns("time-unit");
    layout_.ttl_unit_ns = unit_ns("ttl-unit");
    for (size_t i = 0; i < kCsvRoles; ++i) take_named(static_cast<CsvRole>(i));
    if (layout_.has_header) {
      for (size_t i = 0; i < kCsvRoles; ++i) take_detected(static_cast<CsvRole>(i));
    } else if (first_row_.size() == 1 && layout_.roles.empty()) {
      assign(CsvRole::kKey, 0);
    }
    if (!layout_.column_of(CsvRole::kKey)) fail_without_key();
    layout_.scsi_ops = holds_scsi_ops();
    return layout_;
  }

 private:
  char choose_delimiter() const {
    const std::string name =
        spec_.choice("delimiter", {"auto", "comma", "tab", "semicolon", "space", "pipe"});
    for (const Delimiter& delimiter : kDelimiters) {
      if (delimiter.name == name) return delimiter.character;
    }
    return detect_delimiter(lines_);
  }

  // A header holds no number, and a word that says so: a known one, one that the spec names, or one
  // where the spec says that numbers stand.
  bool choose_header() const {
    const std::string header = spec_.choice("header", {"auto", "yes", "no"});
    if (header != "auto") return header == "yes";
    if (std::any_of(first_row_.begin(), first_row_.end(), is_number)) return false;
    for (size_t i = 0; i < kCsvRoles; ++i) {
      const CsvRole role = static_cast<CsvRole>(i);
      if (find_word(first_row_, role)) return true;
      const std::string* column = named_column(role);
      if (!column || *column == "none") continue;
      if (!parse_whole(*column) || info_of(role).numeric) return true;
    }
    return false;
  }

  // What the spec says of a role, unless that is a value for all rows.
  const std::string* named_column(CsvRole role) const {
    const std::string_view name = info_of(role).name;
    const std::string* value = spec_.find(name);
    return value && !is_csv_constant(name, *value) ? value : nullptr;
  }

  void take_named(CsvRole role) {
    const std::string* column = named_column(role);
    if (!column || *column == "none") return;
    if (const std::optional<uint64_t> number = parse_whole(*column)) {
      assign_number(role, *number);
      return;
    }
    assign(role, find_header(role, *column));
  }

  void assign_number(CsvRole role, uint64_t number) {
    if (number < 1 || number > first_row_.size()) {
      throw Error::usage(fmt::format(
          "trace:{}={}: {} has {} columns, numbered from 1 (delimiter {}); its first line is {}",
          info_of(role).name, number, path_, first_row_.size(),
          csv_delimiter_name(layout_.delimiter), quote_excerpt(lines_[0])));
    }
    assign(role, number - 1);
  }

  size_t find_header(CsvRole role, const std::string& name) const {
    if (!layout_.has_header) {
      throw Error::usage(fmt::format(
          "trace:{}={}: {} has no header, so columns go by number, from 1; its first line is {}",
          info_of(role).name, name, path_, quote_excerpt(lines_[0])));
    }
    for (size_t column = 0; column < first_row_.size(); ++column) {
      if (lower(first_row_[column]) == lower(name)) return column;
    }
    const std::vector<std::string_view> valid(first_row_.begin(), first_row_.end());
    throw Error::usage(unknown_name_message(fmt::format("column of {}", path_), name, valid));
  }

  void take_detected(CsvRole role) {
    if (spec_.has(info_of(role).name)) return;
    const std::optional<size_t> column = find_word(first_row_, role);
    if (column && role_of(*column) == CsvRole::kNone) assign(role, *column);
  }

  CsvRole role_of(size_t column) const {
    return column < layout_.roles.size() ? layout_.roles[column] : CsvRole::kNone;
  }

  void assign(CsvRole role, size_t column) {
    if (role_of(column) != CsvRole::kNone) {
      throw Error::usage(fmt::format("{}: column {} is given as both {}= and {}=", path_,
                                     column + 1, info_of(role_of(column)).name,
                                     info_of(role).name));
    }
    if (column >= layout_.roles.size()) layout_.roles.resize(column + 1, CsvRole::kNone);
    layout_.roles[column] = role;
  }

  [[noreturn]] void fail_without_key() const {
    throw Error::usage(
        fmt::format("{}: which of its {} columns is the key? The first line is {}\nsay so by {}, "
                    "e.g. trace:path={},key={}",
                    path_, first_row_.size(), quote_excerpt(lines_[0]),
                    layout_.has_header ? "name or number" : "number, from 1", path_,
                    layout_.has_header ? "NAME" : "2"));
  }

  uint64_t unit_ns(std::string_view name) const {
    return static_cast<uint64_t>(
        parse_duration_ns("1" + spec_.choice(name, {"s", "ms", "us", "ns"})));
  }

  bool holds_scsi_ops() const {
    const std::optional<size_t> column = layout_.column_of(CsvRole::kOp);
    const size_t first = layout_.has_header ? 1 : 0;
    if (!column || lines_.size() == first) return false;
    return std::all_of(lines_.begin() + first, lines_.end(), [&](std::string_view line) {
      const Row row = split_row(line, layout_.delimiter);
      return *column < row.size() && is_scsi_op(row[*column]);
    });
  }

  const std::string& path_;
  const Spec& spec_;
  std::vector<std::string_view> lines_;
  Row first_row_;
  CsvLayout layout_;
};

}  // namespace

std::optional<size_t> CsvLayout::column_of(CsvRole role) const {
  const auto found = std::find(roles.begin(), roles.end(), role);
  if (found == roles.end()) return std::nullopt;
  return static_cast<size_t>(found - roles.begin());
}

std::string_view csv_role_name(CsvRole role) { return info_of(role).name; }

std::string_view csv_delimiter_name(char delimiter) {
  return std::find_if(kDelimiters.begin(), kDelimiters.end(),
                      [&](const Delimiter& known) { return known.character == delimiter; })
      ->name;
}

bool is_csv_constant(std::string_view role, std::string_view value) {
  if (value.empty() || !is_digit(value[0])) return false;
  if (role == "key_size") return value.ends_with('B');
  return role == "ttl" &&
         (value == "0" || value.ends_with('s') || value.ends_with('m') || value.ends_with('h'));
}

CsvLayout resolve_csv_layout(const TraceSample& sample, const Spec& spec) {
  return LayoutResolver(sample, spec).resolve();
}

bool has_csv_key_header(const TraceSample& sample) {
  const auto lines = filled_lines(sample);
  if (lines.empty()) return false;
  const Row header = split_row(lines[0], detect_delimiter(lines));
  return find_word(header, CsvRole::kKey) && std::none_of(header.begin(), header.end(), is_number);
}

}  // namespace cachegauge
