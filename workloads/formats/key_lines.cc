#include "workloads/formats/key_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "workloads/formats/line_source.h"
#include "workloads/formats/parse.h"

namespace cachegauge {
namespace {

struct KeyParser {
  RowKind parse(char*& p, Request& request, RowFault&) {
    const char* const line = p;
    // Lines end in '\n' always: no length to mind.
    char* const newline = static_cast<char*>(rawmemchr(p, '\n'));
    const char* const end = newline > line && newline[-1] == '\r' ? newline - 1 : newline;
    p = newline + 1;
    if (line == end) return RowKind::kNothing;
    set_key(request, line, end);
    return RowKind::kRequest;
  }
};

struct LirsParser {
  RowKind parse(char*& p, Request& request, RowFault& fault) {
    const char* const line = p;
    const char* at = skip_blanks(line);
    const bool marks = *at == '*';
    bool is_key = false;
    if (marks) {
      ++at;
    } else if (*at != '\n') {
      is_key = parse_digits(at, request.integer_key);
      if (!is_key) return bad(line, fault);
    }
    at = skip_blanks(at);
    if (*at != '\n') return bad(line, fault);
    p += at + 1 - line;
    return is_key ? RowKind::kRequest : RowKind::kNothing;
  }

 private:
  static RowKind bad(const char* line, RowFault& fault) {
    const char* const newline = static_cast<const char*>(rawmemchr(line, '\n'));
    std::string_view text(line, newline);
    if (text.ends_with('\r')) text.remove_suffix(1);
    fault.column = static_cast<size_t>(skip_blanks(line) - line);
    fault.problem = fmt::format(
        "expected an integer key of up to 64 bits or \"*\", got {}; keys that are no "
        "integers are read with format=keys",
        quote_excerpt(text.substr(std::min(fault.column, text.size()))));
    return RowKind::kBad;
  }
};

bool is_integer(std::string_view line) { return parse_whole(line).has_value(); }

}  // namespace

Match match_keys(const TraceSample& sample) {
  const auto lines = sample.lines();
  if (!sample.is_text() || lines.empty()) return Match::kNo;
  // Prose, logs and tables have these on nearly every line; a key that holds some is read by name.
  const bool one_word = std::all_of(lines.begin(), lines.end(), [](std::string_view line) {
    return line.find_first_of(" \t,;|\"") == std::string_view::npos;
  });
  return one_word && match_lirs(sample) == Match::kNo ? Match::kCertain : Match::kPossible;
}

TraceOpener make_keys(const TraceOptions& options, const TraceSample&, Spec&, WorkloadTraits&) {
  return [options] { return std::make_unique<LineSource<KeyParser>>(options, KeyParser()); };
}

Match match_lirs(const TraceSample& sample) {
  const auto lines = sample.lines();
  size_t integers = 0;
  for (const std::string_view line : lines) {
    if (line.empty() || line == "*") continue;
    if (!is_integer(line)) return Match::kNo;
    ++integers;
  }
  return integers > 0 ? Match::kCertain : Match::kNo;
}

TraceOpener make_lirs(const TraceOptions& options, const TraceSample&, Spec&, WorkloadTraits&) {
  return [options] { return std::make_unique<LineSource<LirsParser>>(options, LirsParser()); };
}

}  // namespace cachegauge
