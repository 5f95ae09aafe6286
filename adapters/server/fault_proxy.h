// A proxy of our own between sessions and a server, that things can happen to: what stands for the
// network, or for a server that is not ours to signal. It listens where the server does: on a unix
// socket of the same name in a folder of its own, or on a port of 127.0.0.1, and forwards bytes on
// a thread of its own. A connection whose server cannot be reached is closed.
//
// Thread-safe. A change has taken effect when its call returns. Changes of one kind add up: what
// was begun twice is over when it has ended twice.
#pragma once

#include <cstdint>
#include <memory>

#include "adapters/server/address.h"

namespace cachegauge {

class FaultProxy {
 public:
  // Throws Error::failed.
  explicit FaultProxy(const Address& server);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  const Address& address() const;

  // What either side sends waits until it is over.
  void stall(bool on);
  // Connections are closed, and new ones refused, until it is over.
  void refuse(bool on);
  // What the server sends is that much later, until it is over.
  void slow(int64_t latency_ns, bool on);
  // Connections are reset (closed, on a unix socket); those made until it is over are reset with
  // the first byte that a client sends.
  void reset(bool on);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace cachegauge
