#include "workloads/formats/arc.h"

#include <fmt/format.h>

#include <array>

#include "workloads/formats/line_source.h"
#include "workloads/formats/parse.h"

namespace cachegauge {
namespace {

struct ArcRow {
  uint64_t first = 0, count = 0, ignored = 0, sequence = 0;
};

// Reads the row at `p`, which moves behind its newline. On a fault `p` stands at it, and what was
// expected there is returned.
const char* read_arc_row(const char*& p, ArcRow& row) {
  constexpr std::array<const char*, 4> kExpected = {"the number of the first block",
                                                    "a count of blocks from 0 to 4,294,967,295",
                                                    "a 0", "a sequence number"};
  const std::array<uint64_t*, 4> fields = {&row.first, &row.count, &row.ignored, &row.sequence};
  p = skip_blanks(p);
  for (size_t i = 0; i < fields.size(); ++i) {
    const char* const field = p;
    const bool good = parse_digits(p, *fields[i]) && (*p == '\n' || is_blank(*p));
    if (!good || (i == 1 && row.count > UINT32_MAX)) {
      p = field;
      return kExpected[i];
    }
    p = skip_blanks(p);
  }
  if (*p != '\n') return "the end of the line";
  ++p;
  return nullptr;
}

class ArcParser {
 public:
  RowKind parse(char*& p, Request& request, RowFault& fault) {
    const char* const line = p;
    const char* at = skip_blanks(line);
    if (*at == '\n') {
      p += at + 1 - line;
      return RowKind::kNothing;
    }
    at = line;
    ArcRow row;
    const char* expected = read_arc_row(at, row);
    if (!expected && row.count > 0 && row.first > UINT64_MAX - (row.count - 1)) {
      at = line;
      expected = "blocks whose numbers fit in 64 bits";
    }
    if (expected) return bad(line, at, expected, fault);
    p += at - line;
    if (row.count == 0) return RowKind::kNothing;
    request.integer_key = row.first;
    left_ = row.count - 1;
    return left_ == 0 ? RowKind::kRequest : RowKind::kRun;
  }

  bool next(Request& request) {
    if (left_ == 0) return false;
    --left_;
    ++request.integer_key;
    return true;
  }

 private:
  static RowKind bad(const char* line, const char* at, const char* expected, RowFault& fault) {
    const char* end = static_cast<const char*>(rawmemchr(at, '\n'));
    if (end > at && end[-1] == '\r') --end;
    fault.column = static_cast<size_t>(at - line);
    fault.problem = fmt::format("expected {}, got {}", expected,
                                at == end ? "the end of the line" : quote_excerpt({at, end}));
    return RowKind::kBad;
  }

  uint64_t left_ = 0;
};

}  // namespace

Match match_arc(const TraceSample& sample) {
  uint64_t latest = 0;
  size_t rows = 0;
  for (const std::string_view line : sample.lines()) {
    if (line.empty()) continue;
    ++rows;
    const std::string padded =
        std::string(line) + "\n" + std::string(LineBuffer::kSlackBytes, '\0');
    const char* p = padded.data();
    ArcRow row;
    if (read_arc_row(p, row) || row.ignored != 0 || row.sequence < latest) return Match::kNo;
    latest = row.sequence;
  }
  return rows > 0 ? Match::kCertain : Match::kNo;
}

TraceOpener make_arc(const TraceOptions& options, const TraceSample&, Spec&, WorkloadTraits&) {
  return [options] { return std::make_unique<LineSource<ArcParser>>(options, ArcParser()); };
}

}  // namespace cachegauge
