#include "adapters/server/fault_route.h"

#include "harness/core/error.h"

namespace cachegauge {

Address FaultRoute::to(const Address& server) {
  if (!wants_proxy_) return server;
  if (!proxy_) proxy_ = std::make_unique<FaultProxy>(server);
  return proxy_->address();
}

void FaultRoute::apply(const Fault& fault, bool begins) {
  if (!proxy_) throw Error::failed("there is no proxy in front of the server");
  switch (fault.type) {
    case FaultType::kStall:
      return proxy_->stall(begins);
    case FaultType::kKill:
    case FaultType::kRefuse:
      return proxy_->refuse(begins);
    case FaultType::kSlow:
      return proxy_->slow(fault.latency_ns, begins);
    case FaultType::kReset:
      return proxy_->reset(begins);
    case FaultType::kFlush:
    case FaultType::kFull:
      return;
  }
}

}  // namespace cachegauge
