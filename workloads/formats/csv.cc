#include "workloads/formats/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "workloads/formats/csv_dialects.h"
#include "workloads/formats/csv_fields.h"
#include "workloads/formats/csv_layout.h"
#include "workloads/formats/csv_ops.h"
#include "workloads/formats/line_source.h"
#include "workloads/formats/parse.h"

namespace cachegauge {
namespace {

constexpr uint64_t kEveryByte = 0x0101010101010101ULL;

// The first byte at or after `p` that is the delimiter, a quote or a control character, which the
// line's end is. Eight bytes at a time (after Mycroft, 1987; Warren, "Hacker's Delight", 2002):
// subtracting borrows into a byte's top bit when the byte is too small, and only bytes above the
// first such may be told wrongly.
inline const char* find_stop(const char* p, char delimiter) {
  static_assert(std::endian::native == std::endian::little);
  constexpr uint64_t kTopBits = kEveryByte * 0x80;
  const auto zero_bytes = [](uint64_t word) { return (word - kEveryByte) & ~word; };
  while (true) {
    uint64_t word;
    std::memcpy(&word, p, sizeof(word));
    const uint64_t found =
        (zero_bytes(word ^ (kEveryByte * static_cast<unsigned char>(delimiter))) |
         zero_bytes(word ^ (kEveryByte * '"')) | ((word - kEveryByte * 0x20) & ~word)) &
        kTopBits;
    if (found) return p + (std::countr_zero(found) >> 3);
    p += sizeof(word);
  }
}

std::string_view trim(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

class CsvParser {
 public:
  CsvParser(std::shared_ptr<const CsvLayout> layout, const Request& defaults)
      : layout_(std::move(layout)),
        defaults_(defaults),
        roles_(layout_->roles.data()),
        last_column_(layout_->roles.size() - 1),
        delimiter_(layout_->delimiter) {}

  RowKind parse(char*& p, Request& request, RowFault& fault) {
    // A row that is not plain is read from its start by the other way, which knows all cases.
    if (const char* const next = parse_plain(p, request)) {
      p += next - p;
      return kind_of_row();
    }
    request = defaults_;
    return parse_any(p, request, fault);
  }

  bool next(Request&) { return --count_ > 0; }

  const ArrivalClock& clock() const { return clock_; }

 private:
  RowKind kind_of_row() const {
    if (count_ == 1) [[likely]] {
      return RowKind::kRequest;
    }
    return count_ == 0 ? RowKind::kNothing : RowKind::kRun;
  }

  // Returns the next line's beginning, or null if this row has quotes, odd spaces or a fault.
  const char* parse_plain(const char* p, Request& request) {
    const char* key = nullptr;
    const char* key_end = nullptr;
    int64_t time_ns = Request::kNoTime;
    for (size_t column = 0;; ++column, ++p) {
      switch (roles_[column]) {
        case CsvRole::kNone:
          if (*p == delimiter_ && delimiter_ == ' ') return nullptr;
          p = find_stop(p, delimiter_);
          break;
        case CsvRole::kKey:
          key = p;
          key_end = p = find_stop(p, delimiter_);
          if (key == key_end) return nullptr;
          break;
        case CsvRole::kTime:
          if (!parse_time(p, layout_->time_unit_ns, time_ns)) return nullptr;
          break;
        case CsvRole::kSize:
          if (!parse_digits(p, request.value_size_bytes)) return nullptr;
          break;
        case CsvRole::kOp: {
          const char* const word = p;
          p = find_stop(p, delimiter_);
          if (!set_op({word, p}, request)) return nullptr;
          break;
        }
        case CsvRole::kTtl:
          if (!parse_time(p, layout_->ttl_unit_ns, request.ttl_ns)) return nullptr;
          break;
        case CsvRole::kKeySize:
          if (!set_key_size(p, request)) return nullptr;
          break;
        case CsvRole::kCount:
          if (!set_count(p)) return nullptr;
          break;
      }
      if (column == last_column_) break;
      if (*p != delimiter_) return nullptr;
    }
    if (*p == delimiter_) p = static_cast<const char*>(rawmemchr(p, '\n'));
    if (*p == '\r') ++p;
    if (*p != '\n' || request.value_size_bytes > kLargestObjectBytes) return nullptr;
    set_key(request, key, key_end);
    if (time_ns >= 0) request.time_ns = clock_.since_first(time_ns);
    return p + 1;
  }

  RowKind parse_any(char*& p, Request& request, RowFault& fault) {
    char* const line = p;
    char* const newline = static_cast<char*>(rawmemchr(line, '\n'));
    char* const end = newline > line && newline[-1] == '\r' ? newline - 1 : newline;
    if (line == end) {
      p = newline + 1;
      return RowKind::kNothing;
    }
    CsvField key;
    int64_t time_ns = Request::kNoTime;
    const char* at = line;
    for (size_t column = 0; column <= last_column_; ++column) {
      CsvField field;
      const CsvFieldEnd field_end = next_csv_field(at, end, delimiter_, field);
      if (field_end == CsvFieldEnd::kUnclosedQuote || field_end == CsvFieldEnd::kTextAfterQuote) {
        return bad(fault, at - line,
                   field_end == CsvFieldEnd::kUnclosedQuote
                       ? "the quote is not closed on this line"
                       : "expected a delimiter after the closing quote");
      }
      if (!set_field(roles_[column], field, request, time_ns)) {
        return bad(
            fault, field.begin - line,
            fmt::format("expected {}, got {}", expected(roles_[column], field.text()),
                        field.begin == field.end ? "an empty field" : quote_excerpt(field.text())));
      }
      if (roles_[column] == CsvRole::kKey) key = field;
      if (field_end == CsvFieldEnd::kLine && column < last_column_) {
        return bad(
            fault, end - line,
            fmt::format("expected at least {} columns, got {}", last_column_ + 1, column + 1));
      }
    }
    char* const key_begin = line + (key.begin - line);
    char* key_end = line + (key.end - line);
    if (key.has_escapes) key_end = unescape(key_begin, key_end);
    set_key(request, key_begin, key_end);
    if (time_ns >= 0) request.time_ns = clock_.since_first(time_ns);
    p = newline + 1;
    return kind_of_row();
  }

  static RowKind bad(RowFault& fault, ptrdiff_t column, std::string problem) {
    fault.column = static_cast<size_t>(column);
    fault.problem = std::move(problem);
    return RowKind::kBad;
  }

  // Keys are set at the end of a row, when it is known to be good.
  bool set_field(CsvRole role, const CsvField& field, Request& request, int64_t& time_ns) {
    const std::string_view text = trim(field.text());
    const char* p = text.data();
    const char* const end = p + text.size();
    switch (role) {
      case CsvRole::kNone:
        return true;
      case CsvRole::kKey:
        return field.begin != field.end;
      case CsvRole::kTime:
        return parse_time(p, layout_->time_unit_ns, time_ns) && p == end;
      case CsvRole::kSize:
        return parse_digits(p, request.value_size_bytes) && p == end &&
               request.value_size_bytes <= kLargestObjectBytes;
      case CsvRole::kOp:
        return set_op(text, request);
      case CsvRole::kTtl:
        return parse_time(p, layout_->ttl_unit_ns, request.ttl_ns) && p == end;
      case CsvRole::kKeySize:
        return set_key_size(p, request) && p == end;
      case CsvRole::kCount:
        return set_count(p) && p == end;
    }
    return false;
  }

  bool set_op(std::string_view word, Request& request) const {
    if (layout_->scsi_ops) return is_scsi_op(word);
    const std::optional<Op> op = parse_op(word);
    if (op) request.op = *op;
    return op.has_value();
  }

  static bool set_key_size(const char*& p, Request& request) {
    uint64_t size = 0;
    if (!parse_digits(p, size) || size > LineBuffer::kLongestLineBytes) return false;
    request.key_size_bytes = static_cast<uint32_t>(size);
    return true;
  }

  bool set_count(const char*& p) { return parse_digits(p, count_) && count_ <= kLargestCount; }

  std::string_view expected(CsvRole role, std::string_view text) const {
    switch (role) {
      case CsvRole::kTime:
        return "a time, a number that is not negative";
      case CsvRole::kKey:
        return "a key";
      case CsvRole::kSize:
        return parse_whole(trim(text)) ? "an object size of at most 1 TiB"
                                       : "an object size in bytes";
      case CsvRole::kOp:
        return layout_->scsi_ops ? "a SCSI read or write code in hex, such as 28 or 2a"
                                 : "an operation (get, set, add, delete; op=none ignores them)";
      case CsvRole::kTtl:
        return "a TTL, a number that is not negative";
      case CsvRole::kKeySize:
        return "a key size in bytes";
      case CsvRole::kCount:
        return "a count of requests from 0 to 4,294,967,295";
      case CsvRole::kNone:
        break;
    }
    return {};
  }

  // Turns "" into " in place, and returns the new end.
  static char* unescape(char* begin, char* end) {
    char* to = begin;
    for (const char* from = begin; from != end; ++from) {
      *to++ = *from;
      if (*from == '"') ++from;
    }
    return to;
  }

  static constexpr uint64_t kLargestCount = UINT32_MAX;

  std::shared_ptr<const CsvLayout> layout_;
  Request defaults_;
  const CsvRole* roles_;
  size_t last_column_;
  char delimiter_;
  uint64_t count_ = 1;  // of requests that this row stands for and that were not given yet
  ArrivalClock clock_;
};

bool records_sets(const TraceOpener& open) {
  constexpr uint64_t kRows = 64 << 10;
  std::array<Request, 256> batch;
  const auto source = open();
  for (uint64_t rows = 0; rows < kRows;) {
    const size_t count = source->read(batch);
    if (count == 0) break;
    rows += count;
    const bool any = std::any_of(batch.begin(), batch.begin() + count, [](const Request& request) {
      return request.op == Op::kSet || request.op == Op::kAdd;
    });
    if (any) return true;
  }
  return false;
}

void fill_in(Spec& spec, const CsvLayout& layout) {
  spec.set("delimiter", std::string(csv_delimiter_name(layout.delimiter)));
  spec.set("header", layout.has_header ? "yes" : "no");
  for (size_t i = 0; i < kCsvRoles; ++i) {
    const CsvRole role = static_cast<CsvRole>(i);
    if (const auto column = layout.column_of(role)) {
      spec.set(csv_role_name(role), fmt::format("{}", *column + 1));
    }
  }
}

constexpr ParamInfo kParams[] = {
    {"time", "column", "of the arrival time: a name in the header, a number from 1, or none"},
    {"key", "column", "of the key; in other formats, the size that integer keys are padded to"},
    {"size", "column", "of the object's size in bytes"},
    {"op", "column", "of the operation: get, set, add, delete and their usual synonyms"},
    {"ttl", "column or time", "of the TTL, or one TTL for all rows, such as 60s"},
    {"key_size", "column or size", "of the key's size in bytes, or one for all rows, such as 40B"},
    {"count", "column", "of how many requests the row stands for"},
    {"header", "auto | yes | no", "whether the first line names the columns"},
    {"delimiter", "auto | comma | tab | semicolon | space | pipe", "what stands between columns"},
    {"time-unit", "s | ms | us | ns", "of the time column, which may have a fraction"},
    {"ttl-unit", "s | ms | us | ns", "of the ttl column"},
};

}  // namespace

std::span<const ParamInfo> csv_params() { return kParams; }

Match match_csv(const TraceSample& sample) {
  if (!sample.is_text() || sample.lines().empty()) return Match::kNo;
  const bool sure = has_csv_key_header(sample) && match_meta_kv(sample) == Match::kNo;
  return sure ? Match::kCertain : Match::kPossible;
}

TraceOpener open_csv(const TraceOptions& options, std::shared_ptr<const CsvLayout> layout,
                     WorkloadTraits& traits) {
  traits.carries_time = layout->column_of(CsvRole::kTime).has_value();
  traits.carries_value_size = layout->column_of(CsvRole::kSize).has_value();
  return [options, layout = std::move(layout)] {
    return std::make_unique<LineSource<CsvParser>>(options, CsvParser(layout, options.defaults),
                                                   layout->header_lines);
  };
}

TraceOpener make_csv(const TraceOptions& options, const TraceSample& sample, Spec& spec,
                     WorkloadTraits& traits) {
  const auto layout = std::make_shared<const CsvLayout>(resolve_csv_layout(sample, spec));
  const TraceOpener open = open_csv(options, layout, traits);
  if (layout->column_of(CsvRole::kOp) && !layout->scsi_ops) traits.has_sets = records_sets(open);
  fill_in(spec, *layout);
  return open;
}

}  // namespace cachegauge
