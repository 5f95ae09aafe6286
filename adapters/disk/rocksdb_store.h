// A cache in RocksDB.
//
// RocksDB evicts nothing by itself but in one mode of its own, FIFO compaction, which is what
// bounds it here: when its tables and the two that may be in memory exceed the capacity the oldest
// is dropped, whole. A table holds about an eighth of the capacity, so least recently stored goes
// first, in steps of that size. The log of what is not yet in a table comes on top. A value carries
// its expiry; one that is past is a miss, and leaves with its table.
#pragma once

#include <memory>
#include <string>

#include "adapters/disk/disk_store.h"

namespace cachegauge {

std::unique_ptr<DiskStore> open_rocksdb_store(const std::string& path,
                                              const DiskSettings& settings);

std::string rocksdb_version();

}  // namespace cachegauge
