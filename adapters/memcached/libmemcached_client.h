// libmemcached as a blocking client, for a ThreadedSession: one memcached_st a connection.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "adapters/server/address.h"
#include "adapters/server/threaded_session.h"

namespace cachegauge {

std::unique_ptr<BlockingClient> make_libmemcached_client(std::span<const Address> servers,
                                                         int64_t timeout_ns,
                                                         uint64_t item_size_max);

}  // namespace cachegauge
