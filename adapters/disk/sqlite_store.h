// A cache in an SQLite database (sqlite_schema.h), with large values in files beside it.
#pragma once

#include <memory>
#include <string>

#include "adapters/disk/disk_store.h"
#include "adapters/disk/sqlite_schema.h"
#include "adapters/disk/transaction_client.h"
#include "adapters/disk/value_files.h"

namespace cachegauge {

// What the clients of one process share. Thread-safe.
struct SqliteShared : TransactionShared {
  SqliteShared(const std::string& database_path, const DiskSettings& disk_settings)
      : TransactionShared(database_path, disk_settings), files(values_folder(path)) {}

  const ValueFiles files;
};

// Sweeps value files that a killed process left behind, and rows whose file is gone.
std::unique_ptr<DiskStore> open_sqlite_store(const std::string& path, const DiskSettings& settings);

std::string sqlite_version();

}  // namespace cachegauge
