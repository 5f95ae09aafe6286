// libpq's connections and results with owners. The vendor's header stays in the .cc files.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/server/address.h"
#include "adapters/server/worker_pool.h"

struct pg_conn;
struct pg_result;

namespace cachegauge {

struct PostgresTarget {
  std::string conninfo;  // a URI or name=value pairs, as libpq takes them; empty: its own defaults
  std::string password;  // that conninfo holds: no text of an error shows it
  int64_t timeout_ns = 0;
  // By libpq's names, before what conninfo and the environment say.
  std::vector<std::pair<std::string, std::string>> instead = {};
};

// Checks the form, and finds the password. Throws Error::usage, without a word of the text, since
// any of them may be the password.
PostgresTarget parse_postgres_target(const std::string& conninfo, int64_t timeout_ns);

class PostgresResult {
 public:
  PostgresResult() = default;
  explicit PostgresResult(pg_result* result) : result_(result) {}

  bool ok() const;  // the server carried it out
  int rows() const;
  bool is_null(int column) const;  // these three are of the first row
  std::string_view bytes(int column) const;
  uint64_t count(int column) const;      // of a text result; null is 0
  uint64_t changed() const;              // rows that a command has written
  std::string_view sqlstate() const;     // of a failure: "57014"; empty if the server did not speak
  std::string_view command_tag() const;  // "COMMIT"

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

// Used by one thread at a time.
class PostgresConnection {
 public:
  // Throws Error::failed with what the server or the network said, and what to do.
  explicit PostgresConnection(const PostgresTarget& target);

  // They throw Error::failed, also when the call is not over by the deadline (monotonic_ns()).
  PostgresResult run(const std::string& sql, int64_t deadline_ns = INT64_MAX);
  void prepare(const char* name, const char* sql, const std::vector<unsigned>& types,
               int64_t deadline_ns);

  // These never throw. A call that is not over by the deadline is given up, and the connection
  // with it; the result is then not ok().
  PostgresResult try_run(const char* sql, int64_t deadline_ns);
  // Of a prepared statement; parameters and columns are in the binary format of their types.
  PostgresResult execute(const char* name, std::span<const std::string_view> params,
                         int64_t deadline_ns);
  // What a result that is not ok() means to a command.
  BlockingClient::Result failure(const PostgresResult& result) const;
  bool is_open() const;

  int server_version() const;  // 150004 is 15.4
  Address server_address() const;
  // The same database, for connections to an address that leads to the same server. What names the
  // server to TLS and to its users' passwords stays.
  PostgresTarget target_by_way_of(const Address& address) const;

 private:
  PostgresResult collect(int64_t deadline_ns);
  PostgresResult require_ok(PostgresResult result) const;
  bool wait_for_input(int64_t deadline_ns) const;
  std::string error_text() const;

  struct Finish {
    void operator()(pg_conn* connection) const;
  };
  const PostgresTarget target_;
  std::unique_ptr<pg_conn, Finish> connection_;
  bool timed_out_ = false;
};

}  // namespace cachegauge
