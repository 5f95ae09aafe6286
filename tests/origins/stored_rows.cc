#include "tests/origins/stored_rows.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "harness/core/hash.h"

namespace cachegauge {

SqliteFile::SqliteFile() : folder_(::testing::TempDir() + "stored-rows-XXXXXX") {
  if (!mkdtemp(folder_.data())) ADD_FAILURE() << folder_ << " cannot be made";
}

SqliteFile::~SqliteFile() { std::filesystem::remove_all(folder_); }

Rows rows_of(const SqliteFile& file) {
  Rows rows;
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_open(file.path().c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_prepare_v2(database, "SELECT key, version FROM cachegauge_origin", -1,
                               &statement, nullptr),
            SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    const char* key = static_cast<const char*>(sqlite3_column_blob(statement, 0));
    const std::string text(key, static_cast<size_t>(sqlite3_column_bytes(statement, 0)));
    rows[hash_integer_key(std::stoull(text))] =
        static_cast<uint32_t>(sqlite3_column_int64(statement, 1));
  }
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return rows;
}

Rows rows_of(RunningPostgres& postgres) {
  // One row, whose text has them all.
  const PostgresResult all = postgres.run(
      "SELECT string_agg(convert_from(key, 'UTF8') || ' ' || version, E'\\n') "
      "FROM cachegauge.origin");
  Rows rows;
  const std::string text(all.bytes(0));
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const size_t space = line.find(' ');
    rows[hash_integer_key(std::stoull(line.substr(0, space)))] =
        static_cast<uint32_t>(std::stoul(line.substr(space + 1)));
    at = end + 1;
  }
  return rows;
}

}  // namespace cachegauge
