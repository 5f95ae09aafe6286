#include "workloads/detect_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "harness/core/error.h"
#include "workloads/input/row_error.h"
#include "workloads/workloads.h"

namespace cachegauge {
namespace {

// The file's name in lower case, without a compression suffix.
std::string plain_name(const std::string& path) {
  std::string name = path.substr(path.rfind('/') + 1);
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const std::string_view suffix : {".gz", ".xz", ".zst", ".zstd"}) {
    if (name.ends_with(suffix)) {
      name.resize(name.size() - suffix.size());
      break;
    }
  }
  return name;
}

bool is_named_like(const std::string& name, const TraceFormat& format) {
  std::string_view rest = format.extensions;
  while (!rest.empty()) {
    const std::string_view extension = rest.substr(0, rest.find(' '));
    if (name.ends_with(fmt::format(".{}", extension))) return true;
    rest.remove_prefix(std::min(rest.size(), extension.size() + 1));
  }
  return false;
}

using Candidates = std::vector<const TraceFormat*>;

Candidates filter_by_name(const Candidates& candidates, const std::string& name) {
  Candidates named;
  for (const TraceFormat* format : candidates) {
    if (is_named_like(name, *format)) named.push_back(format);
  }
  return named;
}

std::string_view foreign_container(std::string_view bytes) {
  struct Container {
    std::string_view magic, name;
  };
  constexpr std::array<Container, 4> kContainers = {{{"BZh", "bzip2"},
                                                     {"PK\x03\x04", "zip"},
                                                     {"\x04\x22\x4d\x18", "lz4"},
                                                     {"7z\xbc\xaf", "7-zip"}}};
  for (const Container& container : kContainers) {
    if (bytes.starts_with(container.magic)) return container.name;
  }
  return {};
}

[[noreturn]] void fail_undecided(const TraceSample& sample, const Candidates& possible) {
  const std::string_view container = foreign_container(sample.bytes);
  if (!container.empty()) {
    throw Error::failed(
        fmt::format("{}: is compressed with {}\nunpack it, or compress it with gzip, xz or zstd",
                    sample.path, container));
  }
  if (possible.empty()) {
    throw Error::failed(fmt::format(
        "{}: is in none of the formats that are read here; it begins with {}\nname the format if "
        "it is one of `cachegauge list formats`: trace:path={},format=NAME",
        sample.path, quote_excerpt(sample.bytes), sample.path));
  }
  std::string names;
  for (const TraceFormat* format : possible) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", format->name);
  }
  const std::string_view end_of_line = "\r\n";
  const std::string_view begin =
      std::string_view(sample.bytes).substr(0, sample.bytes.find_first_of(end_of_line));
  throw Error::failed(
      fmt::format("{}: neither its name nor its content says which format it is; it could be {}; "
                  "it begins with "
                  "{}\nname the format: trace:path={},format={}",
                  sample.path, names, quote_excerpt(sample.is_text() ? begin : sample.bytes),
                  sample.path, possible.front()->name));
}

}  // namespace

const TraceFormat& detect_format(const TraceSample& sample) {
  Candidates certain, possible;
  for (const TraceFormat& format : trace_formats()) {
    const Match match = format.match(sample);
    if (match == Match::kCertain) certain.push_back(&format);
    if (match != Match::kNo) possible.push_back(&format);
  }
  if (certain.size() == 1) return *certain.front();
  const Candidates& rivals = certain.empty() ? possible : certain;
  const Candidates named = filter_by_name(rivals, plain_name(sample.path));
  if (named.size() == 1) return *named.front();
  fail_undecided(sample, rivals);
}

}  // namespace cachegauge
