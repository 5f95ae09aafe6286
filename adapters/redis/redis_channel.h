// Publish/subscribe on Redis: a connection that has subscribed can do nothing else (in RESP 2), so
// a channel has two.
#pragma once

#include <memory>
#include <string_view>

#include "adapters/redis/redis_login.h"
#include "adapters/server/message_channel.h"
#include "adapters/server/server_session.h"

namespace cachegauge {

// Connects both. Throws Error::failed.
std::unique_ptr<MessageChannel> open_redis_channel(const SessionContext& context,
                                                   const ServerTarget& target,
                                                   const RedisLogin& login, std::string_view name,
                                                   MessageListener& listener);

}  // namespace cachegauge
