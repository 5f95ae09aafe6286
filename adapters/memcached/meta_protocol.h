// memcached's meta protocol on a connection: mg, ms, md. Its server answers pipelined meta commands
// in one write, where it flushes every plain `get`. Described in memcached's doc/protocol.txt.
#pragma once

#include <cstdint>
#include <memory>

#include "adapters/server/protocol.h"

namespace cachegauge {

std::unique_ptr<Protocol> make_meta_protocol(uint64_t item_size_max);

}  // namespace cachegauge
