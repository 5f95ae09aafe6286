#include "adapters/server/server_faults.h"

#include <fmt/format.h>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr int64_t kRestartTimeoutNs = 10'000'000'000;

[[noreturn]] void refuse(const Fault& fault, const std::string& name, const std::string& reason) {
  throw Error::usage(fmt::format("--fault {}: {} {}", fault.spec.text(), name, reason));
}

}  // namespace

FaultMeans ServerFaults::means_of(const Fault& fault) const {
  const Traits traits = fault_traits();
  const FaultMeans in_front = traits.one_address ? FaultMeans::kProxy : FaultMeans::kSession;
  switch (fault.type) {
    case FaultType::kStall:
      return traits.is_private ? FaultMeans::kServer : in_front;
    case FaultType::kRefuse:
    case FaultType::kSlow:
    case FaultType::kReset:
      return in_front;
    case FaultType::kFlush:  // where others may have keys, ours are deleted one by one
      return traits.is_private ? FaultMeans::kServer : FaultMeans::kSession;
    case FaultType::kKill:
      if (traits.is_private) return FaultMeans::kServer;
      refuse(fault, traits.name,
             "is a running server that is not ours to kill: name redis or memcached without an "
             "address, for a private one; refuse is what its clients see of it");
    case FaultType::kFull:
      if (!traits.is_private) {
        refuse(fault, traits.name,
               "is a running server whose limit of memory is not ours to change: name redis or "
               "memcached without an address, for a private one");
      }
      if (const std::string reason = cannot_limit(fault.share); !reason.empty()) {
        refuse(fault, traits.name, reason);
      }
      return FaultMeans::kServer;
  }
  return FaultMeans::kSession;
}

void ServerFaults::begin_fault(const Fault& fault) {
  if (means_of(fault) == FaultMeans::kProxy) return route_.begin(fault);
  switch (fault.type) {
    case FaultType::kStall:
      return private_server().pause();
    case FaultType::kKill:
      return private_server().restart(fault.for_ns);
    case FaultType::kFlush:
      return flush_server();
    case FaultType::kFull:
      return limit_memory(fault.share);
    default:
      return;
  }
}

void ServerFaults::end_fault(const Fault& fault) {
  if (means_of(fault) == FaultMeans::kProxy) return route_.end(fault);
  switch (fault.type) {
    case FaultType::kStall:
      return private_server().resume();
    case FaultType::kKill:
      return private_server().wait_for_restart(kRestartTimeoutNs + fault.for_ns);
    case FaultType::kFull:
      return limit_memory(1);
    default:
      return;
  }
}

}  // namespace cachegauge
