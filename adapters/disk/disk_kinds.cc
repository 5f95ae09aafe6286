#include "adapters/disk/disk_kinds.h"

#include "adapters/disk/disk_adapter.h"
#include "adapters/disk/disk_settings.h"
#include "adapters/disk/lmdb_store.h"
#include "adapters/disk/rocksdb_store.h"
#include "adapters/disk/sqlite_store.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kSqliteParams[] = {
    kDiskPathParam,
    kDiskCapacityParam,
    {"policy", "lrs | lru | lfu", "least recently stored, recently or frequently used goes first"},
};
constexpr ParamInfo kLmdbParams[] = {
    kDiskPathParam,
    kDiskCapacityParam,
    {"policy", "lrs | lru", "least recently stored or used goes first"},
};
constexpr ParamInfo kRocksdbParams[] = {
    kDiskPathParam,
    kDiskCapacityParam,
    {"policy", "lrs", "the oldest table goes first"},
};

AdapterKind sqlite_kind() {
  AdapterKind kind{
      .name = "sqlite",
      .summary = "a cache in an SQLite database, values from 32 KiB in files beside it",
      .params = kSqliteParams,
      .make = nullptr};
#if CACHEGAUGE_HAS_SQLITE
  static constexpr DiskEngine kEngine = {
      .file = "cache.db",
      .durability = "commits outlive a crash; a loss of power may undo the latest",
      .version = sqlite_version,
      .open = open_sqlite_store};
  kind.make = [](const Spec& spec, const AdapterSettings& settings) {
    return make_disk_adapter(spec, settings,
                             read_disk_settings(spec, settings, {"lrs", "lru", "lfu"}), kEngine);
  };
#else
  kind.not_built = "SQLite was not found: apt-get install libsqlite3-dev and build again";
#endif
  return kind;
}

AdapterKind lmdb_kind() {
  AdapterKind kind{.name = "lmdb",
                   .summary = "a cache in LMDB, which is mapped into memory",
                   .params = kLmdbParams,
                   .make = nullptr};
#if CACHEGAUGE_HAS_LMDB
  static constexpr DiskEngine kEngine = {
      .file = "cache.lmdb",
      .durability = "commits outlive a crash; a loss of power may damage it",
      .version = lmdb_version,
      .open = open_lmdb_store};
  kind.make = [](const Spec& spec, const AdapterSettings& settings) {
    return make_disk_adapter(spec, settings, read_disk_settings(spec, settings, {"lrs", "lru"}),
                             kEngine);
  };
#else
  kind.not_built = "LMDB was not found: apt-get install liblmdb-dev and build again";
#endif
  return kind;
}

AdapterKind rocksdb_kind() {
  AdapterKind kind{.name = "rocksdb",
                   .summary = "a cache in RocksDB, whose oldest tables go first",
                   .params = kRocksdbParams,
                   .make = nullptr};
#if CACHEGAUGE_HAS_ROCKSDB
  static constexpr DiskEngine kEngine = {
      .file = "cache.rocksdb",
      .durability = "writes outlive a crash; a loss of power may undo the latest",
      .version = rocksdb_version,
      .open = open_rocksdb_store};
  kind.make = [](const Spec& spec, const AdapterSettings& settings) {
    return make_disk_adapter(spec, settings, read_disk_settings(spec, settings, {"lrs"}), kEngine);
  };
#else
  kind.not_built = "RocksDB was not found: apt-get install librocksdb-dev and build again";
#endif
  return kind;
}

}  // namespace

std::vector<AdapterKind> disk_adapter_kinds() {
  return {sqlite_kind(), lmdb_kind(), rocksdb_kind()};
}

}  // namespace cachegauge
