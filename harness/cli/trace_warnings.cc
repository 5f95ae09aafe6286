#include "harness/cli/trace_warnings.h"

#include <fmt/format.h>

#include "harness/core/units.h"

namespace cachegauge {

std::string backward_times_text(uint64_t count) {
  return fmt::format("{} earlier than one before, and taken to arrive with it",
                     count == 1 ? "1 row is" : format_count(count) + " rows are");
}

std::vector<std::string> trace_warnings(const Workload& workload, const TraceSummary& summary) {
  std::vector<std::string> warnings;
  if (summary.requests == 0) warnings.push_back("the workload has no requests");
  if (summary.with_ttl > 0 && !workload.traits().carries_time) {
    warnings.push_back("the workload has TTLs and no times, so nothing expires");
  }
  if (summary.misstated_key_bytes * 100 > summary.footprint_bytes) {
    warnings.push_back(fmt::format(
        "keys are not as long as the trace states, {} all together: a size in bytes counts a key "
        "as `run` sends it, so real keys need another one",
        format_size(summary.misstated_key_bytes)));
  }
  if (summary.skipped_rows > 0) {
    warnings.push_back(fmt::format("{} bad rows skipped", format_count(summary.skipped_rows)));
  }
  if (summary.backward_times > 0) {
    warnings.push_back(backward_times_text(summary.backward_times));
  }
  return warnings;
}

}  // namespace cachegauge
