// One cache on disk, opened for a run: what DiskAdapter needs of SQLite, LMDB and RocksDB.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/disk/disk_settings.h"
#include "adapters/server/threaded_session.h"
#include "harness/core/spec.h"

namespace cachegauge {

// Thread-safety: connect() from any thread; the rest from one at a time, while clients work.
class DiskStore {
 public:
  virtual ~DiskStore() = default;

  // One client; it dies before the store.
  virtual std::unique_ptr<BlockingClient> connect() = 0;

  virtual bool is_empty() = 0;
  // All but rss_bytes and server_cpu_ns; reads the whole index. Throws Error::failed.
  virtual AdapterState state() = 0;
  // What state() would give as bytes_used, at once; null if it cannot be had.
  virtual std::optional<uint64_t> bytes_used() = 0;

  // Unlinks its files, and no others. No client is left, and nothing but the destructor follows.
  virtual void remove() = 0;
};

// A kind of store, and what it tells of itself.
struct DiskEngine {
  std::string_view file;  // its name in a private folder
  std::string_view durability;
  std::string (*version)();
  // Makes it where there is none. Throws Error::usage for what is there and not ours, or of another
  // layout, and leaves that as it is; Error::failed where the disk does not play along.
  std::unique_ptr<DiskStore> (*open)(const std::string& path, const DiskSettings& settings);
};

// Whether there is something at the path that was not made by this run: an empty file counts.
bool exists_on_disk(const std::string& path);

// Blocks that the file system has allocated; 0 for what is not there.
uint64_t allocated_bytes(const std::string& file);

// "ext4", "tmpfs", …, or its number in hex.
std::string filesystem_name(const std::string& path);

// Wall clock, since a file outlives the machine's monotonic one.
int64_t unix_ns();

}  // namespace cachegauge
