// The fields of one csv row, as RFC 4180 (2005) has them, except that a quoted field cannot hold a
// line's end: a row is a line, so a missing quote spoils one row and not the rest of the file.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cachegauge {

struct CsvField {
  const char* begin = nullptr;  // without quotes
  const char* end = nullptr;
  bool has_escapes = false;  // "" stands for " inside
  std::string_view text() const { return {begin, end}; }
};

enum class CsvFieldEnd { kDelimiter, kLine, kUnclosedQuote, kTextAfterQuote };

// Reads the field at `p` and moves behind it and its delimiter. With a space as the delimiter, runs
// of spaces separate, and those around the row are no fields. On an error `p` stands at it.
CsvFieldEnd next_csv_field(const char*& p, const char* line_end, char delimiter, CsvField& field);

// All fields of a line; those up to an error if there is one.
std::vector<CsvField> split_csv_line(std::string_view line, char delimiter);

}  // namespace cachegauge
