// What can be done on purpose to a cache's server: to a private one by its guardian's signals and
// by commands of its own, to any other by a proxy in front of it.
#pragma once

#include <memory>
#include <string>

#include "adapters/server/fault_proxy.h"
#include "adapters/server/private_server.h"
#include "harness/core/fault.h"

namespace cachegauge {

class ServerFaults : public FaultTarget {
 public:
  FaultMeans means_of(const Fault& fault) const override;
  void use_proxy() override { wants_proxy_ = true; }
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
  const Address& route(const Address& server);
  void close_route() { proxy_.reset(); }

  ~ServerFaults() = default;

 private:
  void apply_at_proxy(const Fault& fault, bool begins);

  bool wants_proxy_ = false;
  std::unique_ptr<FaultProxy> proxy_;
};

}  // namespace cachegauge
