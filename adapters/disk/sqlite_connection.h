// SQLite's connections and statements with owners. The vendor's header stays in the .cc files.
// A connection and its statements are used by one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/server/threaded_session.h"

struct sqlite3;
struct sqlite3_stmt;

namespace cachegauge {

class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  // Parameters count from 1, columns from 0. Texts are the caller's until the next reset().
  SqliteStatement& bind(int index, int64_t value);
  SqliteStatement& bind(int index, std::string_view bytes);
  SqliteStatement& bind_null(int index);

  // The next row's code, SQLITE_ROW or SQLITE_DONE, or an error. After the last row, and after an
  // error, the statement is ready for the next use.
  int step();
  // Steps to the end.
  int run();
  void reset();

  bool is_null(int column) const;
  int64_t number(int column) const;
  std::string_view bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteConnection {
 public:
  // Makes the file if there is none. Throws Error::failed.
  explicit SqliteConnection(const std::string& path);

  // These throw Error::failed.
  void run(const char* sql);
  int64_t number(const char* sql);
  SqliteStatement prepare(const char* sql);

  // Locks of others are waited for until then, on monotonic_ns().
  void set_deadline(int64_t deadline_ns) { deadline_ns_ = deadline_ns; }
  bool in_transaction() const;
  // One of SQLITE_DBSTATUS_…, since the last call.
  uint64_t take_count(int status);

  // What an error means to a command, and to whoever reads of it.
  BlockingClient::Result failure(int code) const;

 private:
  static int wait_for_others(void* self, int attempts);
  std::string explain(int code) const;
  void require(int code);

  struct Close {
    void operator()(sqlite3* database) const;
  };
  const std::string path_;
  std::unique_ptr<sqlite3, Close> database_;
  int64_t deadline_ns_ = 0;
};

}  // namespace cachegauge
