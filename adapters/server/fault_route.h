// The way from sessions to a server: straight, or through a proxy of ours, where a fault needs one.
#pragma once

#include <memory>

#include "adapters/server/fault_proxy.h"
#include "harness/core/fault.h"

namespace cachegauge {

// Belongs to the process that asks it the way: a proxy's thread does not survive a fork.
class FaultRoute {
 public:
  // Before sessions are opened: they go by way of a proxy.
  void use_proxy() { wants_proxy_ = true; }
  bool uses_proxy() const { return wants_proxy_; }

  // Where sessions connect to, for a server that runs at this address: always the same one, until
  // close(). Throws Error::failed.
  Address to(const Address& server);
  void close() { proxy_.reset(); }

  // What the proxy does of a fault: its clients see of a kill that nobody is there. They throw
  // Error::failed where nobody has asked the way.
  void begin(const Fault& fault) { apply(fault, true); }
  void end(const Fault& fault) { apply(fault, false); }

 private:
  void apply(const Fault& fault, bool begins);

  bool wants_proxy_ = false;
  std::unique_ptr<FaultProxy> proxy_;
};

}  // namespace cachegauge
