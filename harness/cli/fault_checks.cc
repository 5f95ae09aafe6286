#include "harness/cli/fault_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "harness/core/error.h"
#include "harness/core/units.h"
#include "harness/replay/faults/fault_plan.h"

namespace cachegauge {
namespace {

// At most so long the measured interval lasts. Null: that depends on how fast requests are
// answered.
std::optional<double> longest_ns(const CellPlan& plan) {
  const DriverOptions& driver = plan.driver;
  if (driver.virtual_time) return std::nullopt;
  std::optional<double> longest;
  const auto at_most = [&longest](double ns) { longest = std::min(longest.value_or(ns), ns); };
  if (driver.duration_ns > 0) at_most(static_cast<double>(driver.duration_ns));
  const double requests = static_cast<double>(plan.summary->requests - driver.warmup_requests);
  switch (driver.open.arrivals) {
    case Arrivals::kNone:
      break;
    case Arrivals::kTrace:
      at_most(static_cast<double>(plan.summary->span_ns) / driver.open.speed);
      break;
    case Arrivals::kConstant:
      if (driver.open.rate > 0) at_most(requests / driver.open.rate * 1e9);
      break;
    case Arrivals::kPoisson:  // five standard deviations of its length are never seen
      if (driver.open.rate > 0) {
        at_most((requests + 5 * std::sqrt(requests)) / driver.open.rate * 1e9);
      }
      break;
  }
  return longest;
}

}  // namespace

void check_faults(const Experiment& experiment, Adapter& adapter, const CellPlan& plan) {
  if (experiment.on_cache_error == OnCacheError::kOrigin && !experiment.origin) {
    throw Error::usage(
        "--on-cache-error origin: there is no origin to fall back on: give one, such as --origin "
        "50ms");
  }
  if (experiment.faults.empty()) return;
  if (experiment.slo.is_set()) {
    throw Error::usage(
        "--fault strikes one measured interval, and --slo searches over many: give a --rate");
  }
  const auto origin = plan.make_origin ? plan.make_origin() : nullptr;
  plan_faults(experiment.faults, adapter, origin.get());
  const std::optional<double> end_ns = longest_ns(plan);
  for (const Fault& fault : experiment.faults) {
    if (!end_ns || static_cast<double>(fault.at_ns) < *end_ns) continue;
    throw Error::usage(fmt::format(
        "--fault {}: it comes {} after the start, and the measured interval is over after {}: "
        "give an earlier at=, or a longer run",
        fault.spec.text(), format_duration(static_cast<double>(fault.at_ns)),
        format_duration(*end_ns)));
  }
}

}  // namespace cachegauge
