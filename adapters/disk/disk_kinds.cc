#include "adapters/disk/disk_kinds.h"

#include "adapters/disk/disk_adapter.h"
#include "adapters/disk/disk_settings.h"
#include "adapters/disk/sqlite_store.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kSqliteParams[] = {
    kDiskPathParam,
    kDiskCapacityParam,
    {"policy", "lrs | lru | lfu", "least recently stored, recently or frequently used goes first"},
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
      .capabilities = {},
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

}  // namespace

std::vector<AdapterKind> disk_adapter_kinds() { return {sqlite_kind()}; }

}  // namespace cachegauge
