#include "harness/replay/faults/fault_plan.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

// Why a cache without a server cannot have it; empty if it can.
std::string_view impossible_without_server(FaultType type) {
  switch (type) {
    case FaultType::kKill:
      return "it has no server of its own that could be killed";
    case FaultType::kRefuse:
    case FaultType::kReset:
      return "it has no connections";
    case FaultType::kFull:
      return "its capacity is fixed when it is made";
    default:
      return {};
  }
}

FaultMeans means_at_cache(const Fault& fault, Adapter& adapter) {
  if (const auto* target = dynamic_cast<const FaultTarget*>(&adapter)) {
    return target->means_of(fault);
  }
  if (const std::string_view reason = impossible_without_server(fault.type); !reason.empty()) {
    throw Error::usage(
        fmt::format("--fault {}: {}: {}; stall, slow and flush are for any cache, and with "
                    "on=origin it befalls the origin",
                    fault.spec.text(), adapter.spec().redacted(), reason));
  }
  return FaultMeans::kSession;
}

FaultMeans means_at_origin(const Fault& fault, Origin& origin) {
  const auto* target = dynamic_cast<const FaultTarget*>(&origin);
  return target ? target->means_of(fault) : FaultMeans::kSession;
}

}  // namespace

std::vector<PlannedFault> plan_faults(std::span<const Fault> faults, Adapter& adapter,
                                      Origin* origin) {
  std::vector<PlannedFault> planned;
  for (const Fault& fault : faults) {
    if (fault.on_origin && !origin) {
      throw Error::usage(
          fmt::format("--fault {}: there is no origin: give one, such as --origin "
                      "50ms",
                      fault.spec.text()));
    }
    planned.push_back({fault, fault.on_origin ? means_at_origin(fault, *origin)
                                              : means_at_cache(fault, adapter)});
  }
  return planned;
}

}  // namespace cachegauge
