// One client's connection to a cache in SQLite: see transaction_client.h for what it does when.
#pragma once

#include <memory>

#include "adapters/disk/sqlite_store.h"

namespace cachegauge {

// `shared` outlives it. Throws Error::failed.
std::unique_ptr<BlockingClient> make_sqlite_client(SqliteShared& shared);

}  // namespace cachegauge
