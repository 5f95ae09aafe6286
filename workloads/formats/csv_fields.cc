#include "workloads/formats/csv_fields.h"

#include <algorithm>

namespace cachegauge {
namespace {

// From behind the opening quote; leaves `p` behind the closing one. False if there is none.
bool read_quoted(const char*& p, const char* line_end, CsvField& field) {
  field.begin = p;
  while (true) {
    p = std::find(p, line_end, '"');
    if (p == line_end) return false;
    field.end = p++;
    if (p == line_end || *p != '"') return true;
    field.has_escapes = true;
    ++p;
  }
}

const char* skip_spaces(const char* p, const char* line_end) {
  return std::find_if(p, line_end, [](char c) { return c != ' '; });
}

}  // namespace

CsvFieldEnd next_csv_field(const char*& p, const char* line_end, char delimiter, CsvField& field) {
  field = {};
  if (delimiter == ' ') p = skip_spaces(p, line_end);
  if (p != line_end && *p == '"') {
    const char* const quote = p++;
    if (!read_quoted(p, line_end, field)) {
      p = quote;
      return CsvFieldEnd::kUnclosedQuote;
    }
    if (p != line_end && *p != delimiter) return CsvFieldEnd::kTextAfterQuote;
  } else {
    field.begin = p;
    field.end = p = std::find(p, line_end, delimiter);
  }
  if (delimiter == ' ') p = skip_spaces(p, line_end);
  if (p == line_end) return CsvFieldEnd::kLine;
  if (delimiter != ' ') ++p;
  return CsvFieldEnd::kDelimiter;
}

std::vector<CsvField> split_csv_line(std::string_view line, char delimiter) {
  std::vector<CsvField> fields;
  const char* p = line.data();
  CsvFieldEnd end = CsvFieldEnd::kDelimiter;
  while (end == CsvFieldEnd::kDelimiter) {
    CsvField field;
    end = next_csv_field(p, line.data() + line.size(), delimiter, field);
    if (end == CsvFieldEnd::kDelimiter || end == CsvFieldEnd::kLine) fields.push_back(field);
  }
  return fields;
}

}  // namespace cachegauge
