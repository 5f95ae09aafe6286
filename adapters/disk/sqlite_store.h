// A cache in an SQLite database (sqlite_schema.h), with large values in files beside it.
#pragma once

#include <atomic>
#include <mutex>

#include "adapters/disk/disk_store.h"
#include "adapters/disk/value_files.h"

namespace cachegauge {

// What the clients of one process share. Thread-safe.
struct SqliteShared {
  SqliteShared(std::string database_path, const DiskSettings& disk_settings)
      : path(std::move(database_path)), settings(disk_settings), files(path + "-values") {}

  // Wall clock, made to ascend: no two calls give the same.
  int64_t tick();
  // Nothing that tick() gives later is at or below this.
  void raise_clock(int64_t ns);

  const std::string path;
  const DiskSettings settings;
  const ValueFiles files;
  std::timed_mutex writer;  // one transaction at a time; other processes: SQLite's own lock
  std::atomic<uint64_t> evictions = 0;
  std::atomic<uint64_t> expirations = 0;

 private:
  std::atomic<int64_t> clock_ns_ = 0;
};

// Sweeps value files that a killed process left behind, and rows whose file is gone.
std::unique_ptr<DiskStore> open_sqlite_store(const std::string& path, const DiskSettings& settings);

std::string sqlite_version();

}  // namespace cachegauge
