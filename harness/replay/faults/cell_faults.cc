#include "harness/replay/faults/cell_faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "harness/core/units.h"
#include "harness/replay/faults/fault_plan.h"

namespace cachegauge {
namespace {

bool any_by(const FaultClock& clock, FaultMeans means) {
  return std::ranges::any_of(clock.faults(),
                             [means](const PlannedFault& f) { return f.means == means; });
}

bool passed_proxy(const FaultClock& clock, bool on_origin) {
  return std::ranges::any_of(clock.faults(), [on_origin](const PlannedFault& f) {
    return f.means == FaultMeans::kProxy && f.fault.on_origin == on_origin;
  });
}

// What the server counted since it was started is not what it counted since the interval began.
void forget_counters(RunResult& result) {
  AdapterState& state = result.adapter;
  state.evictions = state.expirations = std::nullopt;
  state.server_cpu_ns = std::nullopt;
  result.warnings.push_back(
      "the server was killed on purpose: its evictions, expirations and CPU time began anew, and "
      "are not known");
}

std::string never_came(const FaultResult& fault, int64_t span_ns) {
  return fmt::format(
      "the fault {} never came: the measured interval was over after {}; give a longer run, or an "
      "earlier at=",
      fault.spec, format_duration(static_cast<double>(span_ns)));
}

}  // namespace

CellFaults::CellFaults(std::span<const Fault> faults, Adapter& adapter, Origin* origin) {
  if (faults.empty()) return;
  clock_.emplace(plan_faults(faults, adapter, origin));
  targets_.cache = dynamic_cast<FaultTarget*>(&adapter);
  targets_.origin = dynamic_cast<FaultTarget*>(origin);
  for (const auto& [fault, means] : clock_->faults()) {
    if (means == FaultMeans::kProxy) targets_.of(fault).use_proxy();
  }
}

void CellFaults::begin(int64_t start_ns) {
  if (!clock_) return;
  clock_->begin(start_ns);
  if (any_by(*clock_, FaultMeans::kServer) || any_by(*clock_, FaultMeans::kProxy)) {
    injector_ = std::make_unique<FaultInjector>(*clock_, targets_);
  }
}

void CellFaults::stop() {
  if (!clock_) return;
  if (injector_) troubles_ = injector_->stop();
  injector_.reset();
  clock_->end();
}

void CellFaults::tell(RunResult& result) {
  if (!clock_) return;
  const int64_t span_ns = result.series_span_ns();
  for (size_t i = 0; i < result.faults.size(); ++i) {
    FaultResult& fault = result.faults[i];
    fault.began_ns = clock_->began_ns(i, span_ns);
    fault.ended_ns = clock_->ended_ns(i, span_ns);
    const auto durations_ns = clock_->durations_ns(i, span_ns);
    for (size_t s = 0; s < kFaultStretches; ++s) {
      fault.windows[s].duration_ns = durations_ns[s];
    }
    if (!fault.began_ns) result.warnings.push_back(never_came(fault, span_ns));
  }
  result.warnings.insert(result.warnings.end(), troubles_.begin(), troubles_.end());
  const bool killed = std::ranges::any_of(result.faults, [](const FaultResult& fault) {
    return fault.name == "kill" && !fault.on_origin && fault.means == FaultMeans::kServer &&
           fault.began_ns;
  });
  if (killed) forget_counters(result);
  for (const bool on_origin : {false, true}) {
    if (!passed_proxy(*clock_, on_origin)) continue;
    result.warnings.push_back(fmt::format(
        "{} passed a proxy of this process, as a fault needs one: it adds tens of microseconds to "
        "each, before and after the fault alike",
        on_origin ? "calls to the origin" : "commands"));
  }
}

}  // namespace cachegauge
