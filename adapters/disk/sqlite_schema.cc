#include "adapters/disk/sqlite_schema.h"

#include <fmt/format.h>

#include <array>
#include <bit>
#include <cstring>
#include <fstream>

#include "adapters/disk/disk_errors.h"
#include "adapters/disk/disk_store.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr uint32_t kApplicationId = 0x63676368;  // "cgch"
constexpr uint32_t kSqliteLayoutVersion = 1;

// Of the file format that SQLite documents: its magic, and big-endian words at fixed places.
constexpr std::string_view kMagic{"SQLite format 3\0", 16};
constexpr size_t kHeaderBytes = 100, kUserVersionAt = 60, kApplicationIdAt = 68;

uint32_t big_endian_at(const char* p) {
  uint32_t word = 0;
  std::memcpy(&word, p, sizeof(word));
  return __builtin_bswap32(word);
}

// id: when it was stored, unix ns, made to ascend. expires: unix ns. uses: hits, where the policy
// counts them. touched: the latest use, like id. file: of a large value, whose `value` is then the
// hash of its bytes. file_bytes: what the value files take, in whole pages.
constexpr const char* kTables = R"(
  CREATE TABLE item(id INTEGER PRIMARY KEY, hash INTEGER NOT NULL, expires INTEGER,
                    uses INTEGER NOT NULL, touched INTEGER NOT NULL, file INTEGER,
                    size INTEGER NOT NULL, key BLOB NOT NULL, value);
  CREATE UNIQUE INDEX item_hash ON item(hash);
  CREATE INDEX item_expires ON item(expires) WHERE expires IS NOT NULL;
  CREATE INDEX item_file ON item(file) WHERE file IS NOT NULL;
  CREATE TABLE total(file_bytes INTEGER NOT NULL, policy INTEGER NOT NULL);)";

}  // namespace

const char* eviction_order(DiskPolicy policy) {
  switch (policy) {
    case DiskPolicy::kLeastRecentlyStored:
      return "id";
    case DiskPolicy::kLeastRecentlyUsed:
      return "touched";
    case DiskPolicy::kLeastFrequentlyUsed:
      return "uses, touched";
  }
  return "id";
}

std::string values_folder(const std::string& path) { return path + "-values"; }

void require_our_sqlite_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, kHeaderBytes> header{};
  file.read(header.data(), header.size());
  if (file.gcount() == 0) {  // not there or empty, or it says why when it is opened
    if (exists_on_disk(values_folder(path))) throw not_ours(values_folder(path));
    return;
  }
  const bool whole = static_cast<size_t>(file.gcount()) == header.size();
  if (!whole || std::string_view(header.data(), kMagic.size()) != kMagic ||
      big_endian_at(header.data() + kApplicationIdAt) != kApplicationId) {
    throw not_ours(path);
  }
  const uint32_t version = big_endian_at(header.data() + kUserVersionAt);
  if (version != kSqliteLayoutVersion) {
    throw Error::usage(
        fmt::format("{} has layout {}, and this cachegauge knows layout {}: name "
                    "another path",
                    path, version, kSqliteLayoutVersion));
  }
}

// In one transaction: a process that is killed leaves an empty database or a whole layout.
void lay_out(SqliteConnection& connection, const std::string& path, DiskPolicy policy) {
  connection.run("BEGIN IMMEDIATE");
  if (connection.number("PRAGMA user_version") == 0) {
    connection.run(kTables);
    if (policy != DiskPolicy::kLeastRecentlyStored) {
      connection.run(
          fmt::format("CREATE INDEX item_order ON item({})", eviction_order(policy)).c_str());
    }
    connection.run(fmt::format("INSERT INTO total VALUES(0, {}); PRAGMA application_id={}; "
                               "PRAGMA user_version={}",
                               static_cast<int>(policy), kApplicationId, kSqliteLayoutVersion)
                       .c_str());
  }
  connection.run("COMMIT");
  const auto laid_out = static_cast<DiskPolicy>(connection.number("SELECT policy FROM total"));
  if (laid_out != policy) {
    throw Error::usage(fmt::format("{} was laid out for policy={}: say so, or name another path",
                                   path, disk_policy_name(laid_out)));
  }
  connection.run("PRAGMA journal_mode=WAL");
}

// NORMAL: a commit survives our death; a loss of power may undo the latest, and damages nothing.
// The log is copied back at 16 MiB rather than at SQLite's 4: it syncs the disk twice, and pages
// that are written again and again are copied once. Pages are cached (64 MiB a connection) and not
// mapped: a mapped page is looked up in the log at each use, which took 7 % of CPU with one client
// and 20 % with four.
void tune(SqliteConnection& connection) {
  connection.run(
      "PRAGMA synchronous=NORMAL; PRAGMA mmap_size=0; PRAGMA cache_size=16384;"
      "PRAGMA wal_autocheckpoint=4096; PRAGMA journal_size_limit=67108864");
}

}  // namespace cachegauge
