// A cache in LMDB.
//
// LMDB evicts nothing by itself, so this does, within the transaction that stores: expired items
// first, then the least recently stored or used, until the pages in use leave room within the
// capacity. Four trees: items by the hash of their key (two keys with one hash replace each other),
// the rank of each (when it was stored or used), the ranks in order, and the expiries in order. The
// value is not rewritten when a use is noted. Keys and values may be of any length.
//
// As in SQLite here, the commands of a pipeline share a transaction, and uses are collected
// (touches.h). Nothing is synced: a commit outlives the death of the process; a loss of power may
// damage the file.
#pragma once

#include <memory>
#include <string>

#include "adapters/disk/disk_store.h"

namespace cachegauge {

std::unique_ptr<DiskStore> open_lmdb_store(const std::string& path, const DiskSettings& settings);

std::string lmdb_version();

}  // namespace cachegauge
