#include "adapters/disk/sqlite_store.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "adapters/disk/sqlite_client.h"
#include "adapters/disk/sqlite_connection.h"
#include "adapters/disk/sqlite_schema.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

class SqliteStore final : public DiskStore {
 public:
  SqliteStore(const std::string& path, const DiskSettings& settings)
      : shared_(path, settings), connection_(path) {
    wait_for_locks();
    lay_out(connection_, path, settings.policy);
    tune(connection_);
    sweep();
  }

  std::unique_ptr<BlockingClient> connect() override { return make_sqlite_client(shared_); }
  bool is_empty() override {
    wait_for_locks();
    return connection_.number("SELECT NOT EXISTS (SELECT 1 FROM item)") != 0;
  }
  AdapterState state() override;
  std::optional<uint64_t> bytes_used() override;
  void remove() override;

 private:
  uint64_t read_bytes_used();
  void wait_for_locks() { connection_.set_deadline(monotonic_ns() + shared_.settings.timeout_ns); }
  void sweep();

  SqliteShared shared_;
  SqliteConnection connection_;
};

// Under the lock of writers, who write their files under it too: no file of a transaction that is
// under way is mistaken for an orphan.
void SqliteStore::sweep() {
  connection_.run("BEGIN IMMEDIATE");
  const std::vector<int64_t> there = shared_.files.list();
  std::vector<int64_t> named, orphans, lost;
  SqliteStatement rows =
      connection_.prepare("SELECT file FROM item WHERE file IS NOT NULL ORDER BY file");
  while (rows.step() == SQLITE_ROW) named.push_back(rows.number(0));
  std::ranges::set_difference(there, named, std::back_inserter(orphans));
  std::ranges::set_difference(named, there, std::back_inserter(lost));
  for (const int64_t file : orphans) shared_.files.remove(file);
  for (const int64_t file : lost) {
    connection_.run(fmt::format("DELETE FROM item WHERE file = {}", file).c_str());
  }
  connection_.run(fmt::format("UPDATE total SET file_bytes = (SELECT coalesce(sum((size + {0} - 1) "
                              "/ {0} * {0}), 0) FROM item WHERE file IS NOT NULL)",
                              kSqlitePageBytes)
                      .c_str());
  connection_.run("COMMIT");
}

uint64_t SqliteStore::read_bytes_used() {
  const int64_t pages =
      connection_.number("PRAGMA page_count") - connection_.number("PRAGMA freelist_count");
  return static_cast<uint64_t>(pages * kSqlitePageBytes +
                               connection_.number("SELECT file_bytes FROM total"));
}

std::optional<uint64_t> SqliteStore::bytes_used() {
  constexpr int64_t kMostWaitNs = 250'000'000;
  connection_.set_deadline(monotonic_ns() + std::min(kMostWaitNs, shared_.settings.timeout_ns));
  try {
    return read_bytes_used();
  } catch (const Error&) {
    return std::nullopt;
  }
}

AdapterState SqliteStore::state() {
  wait_for_locks();
  AdapterState state;
  state.evictions = shared_.evictions.load();
  state.expirations = shared_.expirations.load();
  state.items = static_cast<uint64_t>(connection_.number("SELECT count(*) FROM item"));
  state.payload_bytes = static_cast<uint64_t>(
      connection_.number("SELECT coalesce(sum(length(key) + size), 0) FROM item"));
  state.bytes_used = read_bytes_used();
  state.disk_bytes = shared_.files.disk_bytes();
  for (const char* suffix : {"", "-wal", "-shm"}) {
    *state.disk_bytes += allocated_bytes(shared_.path + suffix);
  }
  state.memory_source =
      "items and payload summed over the rows; bytes used: pages in use and value files; disk: "
      "blocks of the database, its log and value files, by stat";
  return state;
}

void SqliteStore::remove() {
  shared_.files.remove_all();
  for (const char* suffix : {"", "-wal", "-shm"}) unlink((shared_.path + suffix).c_str());
}

}  // namespace

std::unique_ptr<DiskStore> open_sqlite_store(const std::string& path,
                                             const DiskSettings& settings) {
  // Its count of its own memory takes a lock that all threads share, at each allocation. Too late,
  // and refused, where SQLite is in use.
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  require_our_sqlite_file(path);
  return std::make_unique<SqliteStore>(path, settings);
}

std::string sqlite_version() { return sqlite3_libversion(); }

}  // namespace cachegauge
