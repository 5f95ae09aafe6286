// Messages between the clients of one server: what one publishes on a channel reaches all who have
// subscribed to it, who published it included, and nobody who subscribes later.
#pragma once

#include <memory>
#include <string_view>

#include "harness/core/adapter.h"

namespace cachegauge {

// Called on the loop of the session's thread.
class MessageListener {
 public:
  virtual void subscribed() = 0;  // what is published from now on is heard
  virtual void message(std::string_view text) = 0;
  virtual void lost() = 0;  // nothing is heard until subscribed() is called again

 protected:
  ~MessageListener() = default;
};

// One client's connections to the channel. Belongs to one thread, and outlives the last run of its
// loop.
class MessageChannel {
 public:
  virtual ~MessageChannel() = default;
  // Goes out at the end of the loop's pass, and nobody waits for it. Lost where the server is down.
  virtual void publish(std::string_view text) = 0;
};

// What a cache with a server may be, beside an Adapter.
class MessageBroker {
 public:
  // Once the adapter has been started. The listener outlives the channel. Throws Error::failed.
  virtual std::unique_ptr<MessageChannel> open_channel(const SessionContext& context,
                                                       std::string_view name,
                                                       MessageListener& listener) = 0;

 protected:
  ~MessageBroker() = default;
};

}  // namespace cachegauge
