#include "workloads/formats/trace_format.h"

#include <fmt/format.h>

#include <algorithm>

#include "harness/core/error.h"
#include "workloads/input/byte_stream.h"

namespace cachegauge {

bool TraceSample::is_text() const {
  return std::none_of(bytes.begin(), bytes.end(), [](char c) {
    return (c >= 0 && c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f;
  });
}

std::vector<std::string_view> TraceSample::lines() const {
  std::vector<std::string_view> lines;
  std::string_view rest = bytes;
  if (rest.starts_with("\xef\xbb\xbf")) rest.remove_prefix(3);
  while (lines.size() < kLines && !rest.empty()) {
    const size_t newline = rest.find('\n');
    if (newline == std::string_view::npos && !whole) break;
    std::string_view line = rest.substr(0, newline);
    rest.remove_prefix(newline == std::string_view::npos ? rest.size() : newline + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
  }
  return lines;
}

TraceSample read_trace_sample(const std::string& path) {
  TraceSample sample;
  sample.path = path;
  const auto stream = open_byte_stream(path);
  sample.size_bytes = content_size_bytes(path);
  sample.bytes.resize(TraceSample::kBytes);
  size_t filled = 0;
  while (filled < sample.bytes.size() && !sample.whole) {
    const size_t got = stream->read(std::span(sample.bytes).subspan(filled));
    sample.whole = got == 0;
    filled += got;
  }
  sample.bytes.resize(filled);
  if (filled == 0) throw Error::failed(fmt::format("{}: the trace is empty", path));
  return sample;
}

std::string bad_row_remedy(uint64_t skip_bad_rows) {
  if (skip_bad_rows == 0) return "repair the row, or allow some bad ones: skip-bad-rows=N";
  return fmt::format("this is one more than skip-bad-rows={} allows", skip_bad_rows);
}

}  // namespace cachegauge
