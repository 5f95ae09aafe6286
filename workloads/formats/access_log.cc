#include "workloads/formats/access_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstring>

#include "workloads/formats/line_source.h"
#include "workloads/formats/parse.h"

namespace cachegauge {
namespace {

constexpr size_t kTimeChars = 26;  // 17/May/2015:10:05:03 +0000

// Digits of a fixed width; false if one is none.
bool parse_fixed(const char* p, int width, int& value) {
  value = 0;
  for (int i = 0; i < width; ++i) {
    if (!is_digit(p[i])) return false;
    value = value * 10 + (p[i] - '0');
  }
  return true;
}

int month_number(const char* p) {
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const size_t at = kMonths.find(std::string_view(p, 3));
  return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
}

// Seconds since 1970 of kTimeChars at `p`; false if they are no time.
bool parse_log_time(const char* p, int64_t& seconds) {
  int day, year, hour, minute, second, zone_hours, zone_minutes;
  const int month = month_number(p + 3);
  const bool shaped = p[2] == '/' && p[6] == '/' && p[11] == ':' && p[14] == ':' && p[17] == ':' &&
                      p[20] == ' ' && (p[21] == '+' || p[21] == '-');
  if (!shaped || !parse_fixed(p, 2, day) || !parse_fixed(p + 7, 4, year) ||
      !parse_fixed(p + 12, 2, hour) || !parse_fixed(p + 15, 2, minute) ||
      !parse_fixed(p + 18, 2, second) || !parse_fixed(p + 22, 2, zone_hours) ||
      !parse_fixed(p + 24, 2, zone_minutes)) {
    return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 60: a leap second. Until 2262, ns since 1970 fit in 63 bits.
  if (!date.ok() || year < 1971 || year > 2200 || hour > 23 || minute > 59 || second > 60)
    return false;
  const int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const int64_t zone_s = (zone_hours * 60 + zone_minutes) * 60;
  seconds = ((days * 24 + hour) * 60 + minute) * 60 + second - (p[21] == '-' ? -zone_s : zone_s);
  return true;
}

// The quote that ends the request line: the first that no backslash stands before.
const char* find_closing_quote(const char* p, const char* end) {
  for (; p != end; ++p) {
    if (*p == '\\' && p + 1 != end) {
      ++p;
    } else if (*p == '"') {
      break;
    }
  }
  return p;
}

// The path of "GET /path HTTP/1.1" or of "GET /path", spaces in it included.
std::string_view key_of_request_line(std::string_view line) {
  const size_t after_method = line.find(' ');
  if (after_method == std::string_view::npos) return line;
  std::string_view path = line.substr(after_method + 1);
  const size_t before_protocol = path.rfind(' ');
  if (before_protocol != std::string_view::npos &&
      path.substr(before_protocol + 1).starts_with("HTTP/")) {
    path = path.substr(0, before_protocol);
  }
  return path.empty() ? line : path;
}

class AccessLogParser {
 public:
  RowKind parse(char*& p, Request& request, RowFault& fault) {
    const char* const line = p;
    const char* const newline = static_cast<const char*>(rawmemchr(line, '\n'));
    const char* end = newline;
    if (end > line && end[-1] == '\r') --end;
    if (end == line) {
      p += newline + 1 - line;
      return RowKind::kNothing;
    }
    const char* const at = parse_row(line, end, request);
    if (!at) {
      p += newline + 1 - line;
      return RowKind::kRequest;
    }
    fault.column = static_cast<size_t>(at - line);
    fault.problem = fmt::format(
        "expected {}, got {}", expected_,
        at == end ? "the end of the line" : quote_excerpt({at, static_cast<size_t>(end - at)}));
    return RowKind::kBad;
  }

  const ArrivalClock& clock() const { return clock_; }

 private:
  // Null if all is well, otherwise where it is not, with expected_ set.
  const char* parse_row(const char* line, const char* end, Request& request) {
    const char* const bracket = find_time(line, end);
    if (!bracket) return fail(line, "host ident user [time] \"request\" status bytes");
    int64_t seconds;
    if (!parse_log_time(bracket + 1, seconds)) {
      return fail(bracket + 1, "a time such as 17/May/2015:10:05:03 +0000");
    }
    const char* p = bracket + 1 + kTimeChars + 1;
    if (end - p < 2 || p[0] != ' ' || p[1] != '"') return fail(p, "a request line in quotes");
    const char* const quote = find_closing_quote(p + 2, end);
    if (quote == end) return fail(p + 1, "a request line in quotes");
    const std::string_view request_line(p + 2, quote);
    p = quote + 1;
    uint64_t status;
    if (*p++ != ' ' || !parse_digits(p, status) || *p++ != ' ') {
      return fail(quote + 1, "a status code and a size");
    }
    const char* const size = p;
    request.value_size_bytes = 0;
    const bool is_size = parse_digits(p, request.value_size_bytes) || *p++ == '-';
    if (!is_size || (p != end && *p != ' ') || request.value_size_bytes > kLargestObjectBytes) {
      return fail(size, "a response size in bytes, of at most 1 TiB, or \"-\"");
    }
    request.text_key = request_line.empty() ? "-" : key_of_request_line(request_line);
    request.time_ns = clock_.since_first(seconds * 1'000'000'000);
    return nullptr;
  }

  const char* fail(const char* at, std::string_view expected) {
    expected_ = expected;
    return at;
  }

  // The bracket before the time: user names may hold brackets, but not of this shape.
  static const char* find_time(const char* p, const char* end) {
    const auto* bracket = static_cast<const char*>(std::memchr(p, '[', end - p));
    while (bracket && end - bracket > static_cast<ptrdiff_t>(kTimeChars) + 1) {
      if (bracket[kTimeChars + 1] == ']') return bracket;
      bracket = static_cast<const char*>(std::memchr(bracket + 1, '[', end - bracket - 1));
    }
    return nullptr;
  }

  ArrivalClock clock_;
  std::string_view expected_;
};

}  // namespace

Match match_access_log(const TraceSample& sample) {
  const auto lines = sample.lines();
  if (lines.empty() || !sample.is_text()) return Match::kNo;
  const auto good = std::count_if(lines.begin(), lines.end(), [](std::string_view line) {
    std::string copy = std::string(line) + "\n" + std::string(LineBuffer::kSlackBytes, '\0');
    char* p = copy.data();
    Request request;
    RowFault fault;
    return AccessLogParser().parse(p, request, fault) == RowKind::kRequest;
  });
  if (good == 0) return Match::kNo;
  return static_cast<size_t>(good) * 2 > lines.size() ? Match::kCertain : Match::kPossible;
}

TraceOpener make_access_log(const TraceOptions& options, const TraceSample&, Spec&,
                            WorkloadTraits&) {
  return [options] {
    return std::make_unique<LineSource<AccessLogParser>>(options, AccessLogParser());
  };
}

}  // namespace cachegauge
