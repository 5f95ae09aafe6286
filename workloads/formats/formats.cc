#include <array>

#include "workloads/formats/access_log.h"
#include "workloads/formats/csv.h"
#include "workloads/formats/key_lines.h"
#include "workloads/formats/records.h"
#include "workloads/workloads.h"

namespace cachegauge {

std::span<const TraceFormat> trace_formats() {
  static const std::array<TraceFormat, 7> kFormats = {{
      {.name = "csv",
       .summary = "rows of columns (time, key, size, op, ttl, key_size), with or without a header",
       .extensions = "csv tsv",
       .is_text = true,
       .params = csv_params(),
       .match = match_csv,
       .make = make_csv},
      {.name = "keys",
       .summary = "text, one key a line",
       .extensions = "keys",
       .is_text = true,
       .match = match_keys,
       .make = make_keys},
      {.name = "oraclegeneral",
       .summary = "libCacheSim's binary records: time, key, size, next request",
       .extensions = "oraclegeneral oraclegeneral.bin",
       .carries_time = true,
       .carries_value_size = true,
       .match = match_oracle_general,
       .make = make_oracle_general},
      {.name = "int32be",
       .summary = "big-endian 32-bit keys",
       .extensions = "int32be",
       .match = match_int32be,
       .make = make_int32be},
      {.name = "int64be",
       .summary = "big-endian 64-bit keys",
       .extensions = "int64be",
       .match = match_int64be,
       .make = make_int64be},
      {.name = "lirs",
       .summary = "text, one integer key a line; lines of * are passed over",
       .extensions = "lirs trc",
       .is_text = true,
       .match = match_lirs,
       .make = make_lirs},
      {.name = "accesslog",
       .summary = "Apache and nginx logs, common and combined; every row is a get of its path",
       .extensions = "log accesslog",
       .is_text = true,
       .carries_time = true,
       .carries_value_size = true,
       .match = match_access_log,
       .make = make_access_log},
  }};
  return kFormats;
}

}  // namespace cachegauge
