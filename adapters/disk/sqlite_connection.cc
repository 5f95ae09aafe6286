#include "adapters/disk/sqlite_connection.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "adapters/disk/disk_errors.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement& SqliteStatement::bind(int index, int64_t value) {
  sqlite3_bind_int64(statement_.get(), index, value);
  return *this;
}

// A null pointer would bind NULL, which is not the empty value.
SqliteStatement& SqliteStatement::bind(int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), index, bytes.empty() ? "" : bytes.data(), bytes.size(),
                      SQLITE_STATIC);
  return *this;
}

SqliteStatement& SqliteStatement::bind_null(int index) {
  sqlite3_bind_null(statement_.get(), index);
  return *this;
}

int SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code != SQLITE_ROW) reset();
  return code;
}

int SqliteStatement::run() {
  int code = SQLITE_ROW;
  while (code == SQLITE_ROW) code = step();
  return code;
}

void SqliteStatement::reset() { sqlite3_reset(statement_.get()); }

bool SqliteStatement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

int64_t SqliteStatement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

std::string_view SqliteStatement::bytes(int column) const {
  const void* blob = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return {static_cast<const char*>(blob), static_cast<size_t>(size)};
}

void SqliteConnection::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteConnection::SqliteConnection(const std::string& path) : path_(path) {
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(
      path.c_str(), &database,
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
      nullptr);
  database_.reset(database);
  require(code);
  sqlite3_busy_handler(database, wait_for_others, this);
}

// Another process: short sleeps, as its transactions are short. In this process a mutex keeps
// writers apart.
int SqliteConnection::wait_for_others(void* self, int attempts) {
  if (monotonic_ns() >= static_cast<SqliteConnection*>(self)->deadline_ns_) return 0;
  constexpr int kLeastUs = 50, kMostUs = 1000;
  usleep(static_cast<useconds_t>(std::min(kLeastUs * (attempts + 1), kMostUs)));
  return 1;
}

void SqliteConnection::require(int code) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE) {
    throw Error::failed(explain(code));
  }
}

void SqliteConnection::run(const char* sql) {
  require(sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr));
}

int64_t SqliteConnection::number(const char* sql) {
  SqliteStatement statement = prepare(sql);
  const int code = statement.step();
  require(code);
  return code == SQLITE_ROW ? statement.number(0) : 0;
}

SqliteStatement SqliteConnection::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  require(
      sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
  return SqliteStatement(statement);
}

bool SqliteConnection::in_transaction() const {
  return sqlite3_get_autocommit(database_.get()) == 0;
}

uint64_t SqliteConnection::take_count(int status) {
  int count = 0, highest = 0;
  sqlite3_db_status(database_.get(), status, &count, &highest, 1);
  return static_cast<uint64_t>(count);
}

std::string SqliteConnection::explain(int code) const {
  const char* message = sqlite3_errstr(code);
  const int error = database_ ? sqlite3_system_errno(database_.get()) : 0;
  const std::string why =
      error != 0 ? fmt::format("{} ({})", message, std::strerror(error)) : message;
  switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_IOERR:
      return disk_full_text(path_, why);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return damage_text(path_, why);
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY:
      return no_access_text(path_, why);
    default:
      return fmt::format("{}: {}", path_, why);
  }
}

BlockingClient::Result SqliteConnection::failure(int code) const {
  switch (code & 0xff) {
    case SQLITE_BUSY:
      return {.outcome = Outcome::kTimeout};
    case SQLITE_TOOBIG:
      return disk_rejection(explain(code));
    default:
      return disk_failure(explain(code));
  }
}

}  // namespace cachegauge
