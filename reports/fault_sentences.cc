#include "reports/fault_sentences.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "harness/core/units.h"
#include "reports/escape.h"
#include "reports/run_figures.h"
#include "reports/text_table.h"

namespace cachegauge {
namespace {

std::string duration(std::optional<int64_t> ns) {
  return ns ? format_duration(static_cast<double>(*ns)) : "unknown";
}

std::string share(std::optional<double> value) {
  return value ? format_percent(*value) : "unknown";
}

std::string rate(std::optional<double> value) { return value ? format_rate(*value) : "unknown"; }

std::string when(const FaultResult& fault) {
  if (!fault.began_ns) return "never came";
  if (!fault.ended_ns) return fmt::format("from {} on", duration(fault.began_ns));
  if (*fault.ended_ns == *fault.began_ns) return fmt::format("at {}", duration(fault.began_ns));
  return fmt::format("from {} to {}", duration(fault.began_ns), duration(fault.ended_ns));
}

// "hit ratio 93.10% before, 12.00% during, 90.01% after": of what is over at once there is no
// during.
template <class Figure>
std::string course(std::string_view name, const FaultResult& fault, Figure figure) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < kFaultStretches; ++i) {
    const FaultWindow& window = fault.windows[i];
    if (window.requests == 0 && window.duration_ns == 0) continue;
    parts.push_back(fmt::format("{} {}", window.requests > 0 ? figure(window) : "nothing asked",
                                kFaultStretchNames[i]));
  }
  return fmt::format("{} {}", name, fmt::join(parts, ", "));
}

std::string damage(const FaultResult& fault) {
  uint64_t errors = 0, failed = 0, fallbacks = 0, stale = 0;
  for (const FaultWindow& window : fault.windows) {
    errors += window.errors;
    failed += window.failed_requests;
    fallbacks += window.fallbacks;
    stale += window.stale_served;
  }
  std::string text =
      fmt::format("{} commands and {} requests failed", format_count(errors), format_count(failed));
  if (fallbacks > 0)
    text += fmt::format(", {} gets fell back on the origin", format_count(fallbacks));
  if (stale > 0) text += fmt::format(", {} were served what was seen last", format_count(stale));
  return text;
}

std::string recovered(const FaultResult& fault, const Series& series) {
  if (!fault.ended_ns) return {};
  const FaultRecovery recovery = fault_recovery(fault, series);
  if (!recovery.hit_ratio_ns && !recovery.p99_ns) return "; it was not seen to recover";
  if (!recovery.hit_ratio_ns || !recovery.p99_ns) {
    return fmt::format("; {} was as before after {}, {} was not seen to be",
                       recovery.p99_ns ? "the p99" : "the hit ratio",
                       duration(recovery.p99_ns ? recovery.p99_ns : recovery.hit_ratio_ns),
                       recovery.p99_ns ? "the hit ratio" : "the p99");
  }
  const int64_t last_ns = std::max(*recovery.hit_ratio_ns, *recovery.p99_ns);
  return last_ns == 0 ? "; it recovered at once"
                      : fmt::format("; it recovered {} after that", duration(last_ns));
}

std::string sentence(const FaultResult& fault, const CellReport& cell) {
  const std::string head = fmt::format("{}: {}{} {}", printable(cell.label.adapter), fault.name,
                                       fault.on_origin ? " of the origin" : "", when(fault));
  if (!fault.began_ns) return head + ".\n";
  std::string text = fmt::format(
      "{}: {}; {}", head,
      course("hit ratio", fault,
             [](const FaultWindow& w) { return share(derive_fault_window(w).hit_ratio); }),
      course("p99", fault,
             [](const FaultWindow& w) { return duration(derive_fault_window(w).p99_ns); }));
  if (!cell.origin.empty()) {
    text += "; " + course("origin calls per s", fault, [](const FaultWindow& w) {
              return rate(derive_fault_window(w).origin_calls_per_s);
            });
  }
  return fmt::format("{}; {}{}.\n", text, damage(fault), recovered(fault, cell.result.series));
}

}  // namespace

std::string fault_sentences(const RunReport& report) {
  std::string text;
  for (const CellReport& cell : report.cells) {
    if (cell.repetition != 1) continue;
    for (const FaultResult& fault : cell.result.faults) text += sentence(fault, cell);
  }
  return text;
}

}  // namespace cachegauge
