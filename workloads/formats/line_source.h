// Turns the lines of a text trace into requests. A format brings a Parser:
//
//   RowKind parse(char*& p, Request& request, RowFault& fault)
//
// reads one line at `p`, which ends in '\n'. For kRequest and kNothing `p` moves behind the line;
// for kBad it may stand anywhere, the bytes of the line are as they were, and `fault` says what is
// wrong. `request` comes with the trace's defaults in it. Text keys point into the line.
//
// A parser whose rows may stand for several requests answers such a row with kRun: `p` moves behind
// the line, `request` is the first, and
//
//   bool next(Request& request)
//
// turns each into the one after it, and returns false when there is none. It is called as requests
// are asked for, so a row may stand for any number of them.
#pragma once

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "harness/core/error.h"
#include "workloads/formats/trace_format.h"
#include "workloads/input/line_buffer.h"
#include "workloads/input/row_error.h"

namespace cachegauge {

enum class RowKind { kRequest, kRun, kNothing, kBad };

template <class Parser>
class LineSource final : public RequestSource {
 public:
  // Passes over the first `header_lines` lines.
  LineSource(const TraceOptions& options, Parser parser, uint64_t header_lines = 0)
      : options_(options),
        parser_(std::move(parser)),
        lines_(options.path, open_byte_stream(options.path)),
        header_lines_(header_lines) {}

  size_t read(std::span<Request> out) override {
    size_t count = 0;
    while (count < out.size()) {
      if (in_run_) {
        count += read_run(out.subspan(count));
        continue;
      }
      if (cursor_ == lines_.end() && !next_block(count)) break;
      char* const line = cursor_;
      ++line_number_;
      out[count] = options_.defaults;
      switch (line_number_ > header_lines_ ? parser_.parse(cursor_, out[count], fault_)
                                           : pass_over(line)) {
        case RowKind::kRequest:
          ++count;
          break;
        case RowKind::kRun:
          last_of_run_ = out[count];
          in_run_ = true;
          ++count;
          break;
        case RowKind::kNothing:
          break;
        case RowKind::kBad:
          pass_over(line);
          count_bad_row(line);
          break;
      }
    }
    return count;
  }

  uint64_t skipped_rows() const override { return skipped_rows_; }
  uint64_t backward_times() const override {
    if constexpr (requires { parser_.clock(); }) return parser_.clock().backward();
    return 0;
  }

 private:
  size_t read_run(std::span<Request> out) {
    if constexpr (requires { parser_.next(last_of_run_); }) {
      for (size_t count = 0; count < out.size(); ++count) {
        in_run_ = parser_.next(last_of_run_);
        if (!in_run_) return count;
        out[count] = last_of_run_;
      }
    }
    return out.size();
  }

  // Text keys of `count` requests point into this block, so the next must wait if there are any.
  bool next_block(size_t count) {
    if (count > 0) return false;
    const bool more = lines_.refill(line_number_ + 1);
    cursor_ = lines_.begin();
    return more;
  }

  RowKind pass_over(char* line) {
    cursor_ = static_cast<char*>(std::memchr(line, '\n', lines_.end() - line)) + 1;
    return RowKind::kNothing;
  }

  void count_bad_row(const char* line) {
    if (++skipped_rows_ <= options_.skip_bad_rows) return;
    std::string_view text(line, cursor_ - 1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    throw Error::failed(describe_bad_row({options_.path, line_number_, text}, fault_,
                                         bad_row_remedy(options_.skip_bad_rows)));
  }

  TraceOptions options_;
  Parser parser_;
  LineBuffer lines_;
  char* cursor_ = nullptr;
  uint64_t header_lines_;
  uint64_t line_number_ = 0;
  uint64_t skipped_rows_ = 0;
  bool in_run_ = false;
  Request last_of_run_;
  RowFault fault_;
};

}  // namespace cachegauge
