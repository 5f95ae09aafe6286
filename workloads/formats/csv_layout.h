// Which column of a csv is what: from the spec, the header's names, and a look at the first rows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "harness/core/spec.h"
#include "workloads/formats/trace_format.h"

namespace cachegauge {

enum class CsvRole : uint8_t { kTime, kKey, kSize, kOp, kTtl, kKeySize, kCount, kNone };
inline constexpr size_t kCsvRoles = 7;

struct CsvLayout {
  char delimiter = ',';
  bool has_header = false;
  uint64_t header_lines = 0;  // empty lines before the header included
  // Of each column up to the last that is read.
  std::vector<CsvRole> roles;
  uint64_t time_unit_ns = 1'000'000'000;
  uint64_t ttl_unit_ns = 1'000'000'000;
  bool scsi_ops = false;  // the op column holds SCSI operation codes in hex

  std::optional<size_t> column_of(CsvRole role) const;  // from 0
};

// What a role's column is called in a spec: "time", "key", …
std::string_view csv_role_name(CsvRole role);

// What a delimiter is called in a spec: "comma", …
std::string_view csv_delimiter_name(char delimiter);

// True for "60s" and "0" as `ttl=`, and "40B" as `key_size=`: values for every row, not columns.
bool is_csv_constant(std::string_view role, std::string_view value);

// Throws Error::usage for a column that is not there, and when the key's cannot be told.
CsvLayout resolve_csv_layout(const TraceSample& sample, const Spec& spec);

// True if the first row names a column that is known to hold keys.
bool has_csv_key_header(const TraceSample& sample);

}  // namespace cachegauge
