// What can be done on purpose to a cache's server: to a private one by its guardian's signals and
// by commands of its own, to any other by a proxy in front of it.
#pragma once

#include <string>

#include "adapters/server/fault_route.h"
#include "adapters/server/private_server.h"
#include "harness/core/fault.h"

namespace cachegauge {

class ServerFaults : public FaultTarget {
 public:
  FaultMeans means_of(const Fault& fault) const override;
  void use_proxy() override { route_.use_proxy(); }
  void begin_fault(const Fault& fault) override;
  void end_fault(const Fault& fault) override;

 protected:
  struct Traits {
    std::string name;  // of the adapter, for messages
    bool is_private = false;
    bool one_address = true;  // that a proxy can stand in front of
  };
  virtual Traits fault_traits() const = 0;
  // Why its limit of memory cannot be lowered to this share; empty if it can. Of a private server.
  virtual std::string cannot_limit(double share) const = 0;
  // Of a private server, once it runs. They throw Error::failed.
  virtual PrivateServer& private_server() = 0;
  virtual void flush_server() = 0;
  virtual void limit_memory(double share) = 0;  // of what it was started with

  // Where sessions connect to, for a server that runs at this address.
  Address route(const Address& server) { return route_.to(server); }
  void close_route() { route_.close(); }

  ~ServerFaults() = default;

 private:
  FaultRoute route_;
};

}  // namespace cachegauge
