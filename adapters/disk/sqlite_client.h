// One client's connection to a cache in SQLite.
//
// A get reads without a lock of its own, in parallel with all others. The first set, add or delete
// begins a transaction, and the session's commit() ends it: what is answered before is held back
// until then (threaded_session.h). When one command of a transaction fails, all of it does.
//
// A transaction first deletes up to 64 expired items, which is as many as it may store. A set makes
// room before it stores: expired items go first, then those that the policy names, until pages in
// use and value files leave room for it within the capacity. Uses are written before a victim is
// chosen (touches.h).
#pragma once

#include <memory>

#include "adapters/disk/sqlite_store.h"

namespace cachegauge {

// `shared` outlives it. Throws Error::failed.
std::unique_ptr<BlockingClient> make_sqlite_client(SqliteShared& shared);

}  // namespace cachegauge
