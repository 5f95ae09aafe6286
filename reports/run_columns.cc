#include "reports/run_columns.h"

#include <algorithm>

#include "harness/core/units.h"

namespace cachegauge {

std::span<const RunColumn> run_columns() {
  static const std::vector<RunColumn> columns = {
      {"hit_ratio", {"hit", "ratio"}, "hit ratio", "ratio", 100, format_percent, Better::kHigher},
      {"byte_hit_ratio",
       {"byte", "hits"},
       "byte hit ratio",
       "ratio",
       50,
       format_percent,
       Better::kHigher},
      {"capacity.rate_rps",
       {"capacity", "per s"},
       "capacity",
       "requests/s",
       95,
       format_rate,
       Better::kHigher},
      {"service_time_ns.get.p50",
       {"get", "p50"},
       "get p50",
       "ns",
       85,
       format_duration,
       Better::kLower},
      {"service_time_ns.get.p99",
       {"get", "p99"},
       "get p99",
       "ns",
       90,
       format_duration,
       Better::kLower},
      {"response_time_ns.get.mean",
       {"response", "mean"},
       "mean response time",
       "ns",
       75,
       format_duration,
       Better::kLower},
      {"throughput_rps",
       {"requests", "per s"},
       "throughput",
       "requests/s",
       80,
       format_rate,
       Better::kHigher},
      {"memory.bytes_per_item",
       {"bytes", "per item"},
       "bytes per item",
       "bytes",
       60,
       format_whole,
       Better::kLower},
      {"memory.items", {"items"}, "items", "items", 30, format_whole, std::nullopt},
      {"evictions", {"evictions"}, "evictions", "evictions", 40, format_whole, std::nullopt},
      {"origin.calls",
       {"origin", "calls"},
       "origin calls",
       "calls",
       70,
       format_whole,
       std::nullopt},
      {"guard_counts.waited",
       {"waited"},
       "gets that waited for another's load",
       "gets",
       68,
       format_whole,
       std::nullopt},
      {"guard_counts.stale_served",
       {"stale", "served"},
       "values served past their lifetime",
       "gets",
       67,
       format_whole,
       std::nullopt},
      {"instructions_per_request",
       {"instr.", "per req."},
       "instructions per request",
       "instructions",
       65,
       format_whole,
       Better::kLower},
      {"errors", {"errors"}, "errors", "errors", 20, format_whole, std::nullopt},
  };
  return columns;
}

bool says_nothing(const RunColumn& column, const ComparedWorkload& workload) {
  const bool zero_is_news = column.metric != "origin.calls";
  return std::none_of(workload.cells.begin(), workload.cells.end(), [&](const ComparedCell& cell) {
    const Summary* s = cell.find(column.metric);
    return cell.has_figures() && s && (zero_is_news || s->high > 0);
  });
}

}  // namespace cachegauge
