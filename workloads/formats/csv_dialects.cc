#include "workloads/formats/csv_dialects.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <utility>

#include "workloads/formats/csv.h"
#include "workloads/formats/csv_fields.h"
#include "workloads/formats/csv_layout.h"
#include "workloads/formats/csv_ops.h"
#include "workloads/formats/parse.h"

namespace cachegauge {
namespace {

using Fields = std::vector<std::string_view>;

Fields split(std::string_view line, char delimiter) {
  Fields fields;
  for (const CsvField& field : split_csv_line(line, delimiter)) fields.push_back(field.text());
  return fields;
}

Fields header_of(const TraceSample& sample) {
  for (const std::string_view line : sample.lines()) {
    if (!line.empty()) return split(line, ',');
  }
  return {};
}

bool has(const Fields& header, std::string_view column) {
  return std::find(header.begin(), header.end(), column) != header.end();
}

Match match_header(const TraceSample& sample, std::initializer_list<std::string_view> columns) {
  const Fields header = header_of(sample);
  const bool all = std::all_of(columns.begin(), columns.end(),
                               [&](std::string_view column) { return has(header, column); });
  return all && sample.is_text() ? Match::kCertain : Match::kNo;
}

bool are_numbers(const Fields& fields, std::initializer_list<size_t> columns) {
  return std::all_of(columns.begin(), columns.end(),
                     [&](size_t column) { return parse_whole(fields[column]).has_value(); });
}

TraceOpener make_dialect(const TraceOptions& options, const TraceSample& sample,
                         std::vector<Spec::Param> columns, WorkloadTraits& traits) {
  const Spec csv("csv", std::move(columns));
  return open_csv(options, std::make_shared<const CsvLayout>(resolve_csv_layout(sample, csv)),
                  traits);
}

}  // namespace

Match match_twitter(const TraceSample& sample) {
  size_t rows = 0, good = 0;
  for (const std::string_view line : sample.lines()) {
    if (line.empty()) continue;
    ++rows;
    const Fields fields = split(line, ',');
    good += fields.size() == 7 && are_numbers(fields, {0, 2, 3, 4, 6}) && parse_op(fields[5]);
  }
  if (good == 0 || !sample.is_text()) return Match::kNo;
  return good * 2 > rows ? Match::kCertain : Match::kPossible;
}

TraceOpener make_twitter(const TraceOptions& options, const TraceSample& sample, Spec&,
                         WorkloadTraits& traits) {
  return make_dialect(options, sample,
                      {{"delimiter", "comma"},
                       {"header", "no"},
                       {"time", "1"},
                       {"key", "2"},
                       {"key_size", "3"},
                       {"size", "4"},
                       {"op", "6"},
                       {"ttl", "7"}},
                      traits);
}

Match match_meta_kv(const TraceSample& sample) {
  return match_header(sample, {"key", "key_size", "op", "op_count", "size"});
}

TraceOpener make_meta_kv(const TraceOptions& options, const TraceSample& sample, Spec&,
                         WorkloadTraits& traits) {
  std::vector<Spec::Param> columns = {{"delimiter", "comma"},   {"header", "yes"}, {"key", "key"},
                                      {"key_size", "key_size"}, {"op", "op"},      {"size", "size"},
                                      {"count", "op_count"}};
  const Fields header = header_of(sample);
  if (has(header, "op_time")) columns.push_back({"time", "op_time"});
  return make_dialect(options, sample, std::move(columns), traits);
}

Match match_meta_block(const TraceSample& sample) {
  return match_header(sample, {"op_time", "block_id", "block_id_size", "io_size"});
}

TraceOpener make_meta_block(const TraceOptions& options, const TraceSample& sample, Spec&,
                            WorkloadTraits& traits) {
  return make_dialect(options, sample,
                      {{"delimiter", "comma"},
                       {"header", "yes"},
                       {"time", "op_time"},
                       {"key", "block_id"},
                       {"key_size", "block_id_size"},
                       {"size", "io_size"}},
                      traits);
}

Match match_tis(const TraceSample& sample) {
  uint64_t latest = 0;
  bool in_order = true;
  size_t rows = 0;
  for (const std::string_view line : sample.lines()) {
    if (line.empty()) continue;
    ++rows;
    const Fields fields = split(line, ' ');
    if (fields.size() != 3 || !are_numbers(fields, {0, 1, 2})) return Match::kNo;
    const uint64_t time = *parse_whole(fields[0]);
    in_order &= time >= latest;
    latest = time;
  }
  if (rows == 0) return Match::kNo;
  return in_order ? Match::kCertain : Match::kPossible;
}

TraceOpener make_tis(const TraceOptions& options, const TraceSample& sample, Spec&,
                     WorkloadTraits& traits) {
  return make_dialect(
      options, sample,
      {{"delimiter", "space"}, {"header", "no"}, {"time", "1"}, {"key", "2"}, {"size", "3"}},
      traits);
}

}  // namespace cachegauge
