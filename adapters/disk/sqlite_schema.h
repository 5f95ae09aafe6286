// The layout of a cache in SQLite, and whether a file is one.
//
// A row is found through the index on the hash of its key, and lies where it was stored: rows are
// appended at one end of the tree, and the least recently stored are deleted from the other. With
// 100-byte values and batches of 64 that took a third less time than rows in the order of their
// hash, and two thirds less than rows under their keys; 20 % more of them fit, as pages are full.
// Two keys with one hash replace each other: a cache may forget.
#pragma once

#include <string>

#include "adapters/disk/disk_settings.h"
#include "adapters/disk/sqlite_connection.h"

namespace cachegauge {

inline constexpr int64_t kSqlitePageBytes = 4096;

// Reads the file's header and nothing else. Throws Error::usage for one that is there and is not a
// cache of ours, or one of a newer cachegauge, and for a folder of large values without a database.
void require_our_sqlite_file(const std::string& path);

std::string values_folder(const std::string& path);

// Lays out an empty database, and sets what a file remembers. Throws Error::usage for a layout of
// another policy.
void lay_out(SqliteConnection& connection, const std::string& path, DiskPolicy policy);

// What a connection has to be told each time.
void tune(SqliteConnection& connection);

// The order in which rows go, as columns.
const char* eviction_order(DiskPolicy policy);

}  // namespace cachegauge
