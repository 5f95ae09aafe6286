#include "workloads/input/row_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace cachegauge {
namespace {

constexpr size_t kLongestExcerpt = 40;
constexpr size_t kBytesBefore = 60;  // of the column, in the line that is shown
constexpr size_t kBytesAfter = 30;

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\t') {
      out += "\\t";
    } else if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

std::string quote_excerpt(std::string_view text) {
  const bool shortened = text.size() > kLongestExcerpt;
  return fmt::format("\"{}{}\"", printable(text.substr(0, kLongestExcerpt)),
                     shortened ? "..." : "");
}

std::string describe_bad_row(const RowPlace& place, const RowFault& fault,
                             std::string_view remedy) {
  const size_t column = std::min(fault.column, place.line.size());
  const size_t begin = column > kBytesBefore ? column - kBytesBefore : 0;
  const size_t end = std::min(place.line.size(), column + kBytesAfter);
  std::string before = begin > 0 ? "..." : "";
  before += printable(place.line.substr(begin, column - begin));
  std::string after = printable(place.line.substr(column, end - column));
  if (end < place.line.size()) after += "...";
  return fmt::format("{}:{}:{}: {}\n  {}{}\n  {:{}}^\n{}", place.path, place.line_number,
                     fault.column + 1, fault.problem, before, after, "", before.size(), remedy);
}

}  // namespace cachegauge
