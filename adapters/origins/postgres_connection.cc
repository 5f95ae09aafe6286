#include "adapters/origins/postgres_connection.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>

#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

// libpq counts in whole seconds, and takes 1 for 2.
std::string connect_timeout(int64_t timeout_ns) {
  constexpr int64_t kSecond = 1'000'000'000;
  return fmt::to_string(std::clamp<int64_t>((timeout_ns + kSecond - 1) / kSecond, 2, 3600));
}

// One line, without the password.
std::string one_line(std::string_view text, const std::string& password) {
  std::string line(text);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  for (char& c : line) {
    if (c == '\n' || c == '\t') c = ' ';
  }
  if (password.empty()) return line;
  for (size_t at = line.find(password); at != std::string::npos; at = line.find(password, at + 3)) {
    line.replace(at, password.size(), "***");
  }
  return line;
}

std::string own_user_name() {
  const passwd* entry = getpwuid(geteuid());
  return entry ? entry->pw_name : "";
}

}  // namespace

PostgresTarget parse_postgres_target(const std::string& conninfo, int64_t timeout_ns) {
  PostgresTarget target{.conninfo = conninfo, .password = {}, .timeout_ns = timeout_ns};
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(conninfo.c_str(), nullptr), PQconninfoFree);
  if (!options) {
    throw Error::usage(
        "postgres:dsn: this is no connection string of PostgreSQL's: expected "
        "postgresql://user@host:5432/database or host=… port=… dbname=… user=…, and quotes "
        "('…') around a value with a space in it; the password is best left to PGPASSWORD or "
        "~/.pgpass");
  }
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (std::string_view(option->keyword) == "password" && option->val) {
      target.password = option->val;
    }
  }
  return target;
}

void PostgresResult::Clear::operator()(pg_result* result) const { PQclear(result); }

bool PostgresResult::ok() const {
  const ExecStatusType status = PQresultStatus(result_.get());
  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

int PostgresResult::rows() const { return PQntuples(result_.get()); }

bool PostgresResult::is_null(int column) const {
  return PQgetisnull(result_.get(), 0, column) != 0;
}

std::string_view PostgresResult::bytes(int column) const {
  return {PQgetvalue(result_.get(), 0, column),
          static_cast<size_t>(PQgetlength(result_.get(), 0, column))};
}

uint64_t PostgresResult::count(int column) const {
  uint64_t value = 0;
  const std::string_view text = bytes(column);
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

uint64_t PostgresResult::changed() const {
  uint64_t value = 0;
  const std::string_view text = PQcmdTuples(result_.get());
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string_view PostgresResult::sqlstate() const {
  const char* state = PQresultErrorField(result_.get(), PG_DIAG_SQLSTATE);
  return state ? state : "";
}

std::string_view PostgresResult::command_tag() const { return PQcmdStatus(result_.get()); }

void PostgresConnection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

// What comes later in the list goes first: the connection string may have a timeout of its own.
PostgresConnection::PostgresConnection(const PostgresTarget& target) : target_(target) {
  const std::string timeout = connect_timeout(target.timeout_ns);
  std::vector<const char*> names = {"fallback_application_name", "connect_timeout", "dbname"};
  std::vector<const char*> values = {"cachegauge", timeout.c_str(), target.conninfo.c_str()};
  for (const auto& [name, value] : target.instead) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  connection_.reset(PQconnectdbParams(names.data(), values.data(), 1));
  if (PQstatus(connection_.get()) != CONNECTION_OK) {
    throw Error::failed(fmt::format(
        "postgres: {}: is the server up, and are host, port, database, user and password (dsn=, "
        "PGPASSWORD, ~/.pgpass) right?",
        error_text()));
  }
  PQsetNoticeProcessor(
      connection_.get(), [](void*, const char*) {}, nullptr);
}

std::string PostgresConnection::error_text() const {
  return one_line(PQerrorMessage(connection_.get()), target_.password);
}

PostgresResult PostgresConnection::require_ok(PostgresResult result) const {
  if (result.ok()) return result;
  throw Error::failed(timed_out_ ? "postgres: there was no answer in time"
                                 : fmt::format("postgres: {}", error_text()));
}

PostgresResult PostgresConnection::run(const std::string& sql, int64_t deadline_ns) {
  return require_ok(try_run(sql.c_str(), deadline_ns));
}

void PostgresConnection::prepare(const char* name, const char* sql,
                                 const std::vector<unsigned>& types, int64_t deadline_ns) {
  timed_out_ = false;
  const bool sent = PQsendPrepare(connection_.get(), name, sql, static_cast<int>(types.size()),
                                  types.data()) != 0;
  require_ok(sent ? collect(deadline_ns) : PostgresResult());
}

PostgresResult PostgresConnection::try_run(const char* sql, int64_t deadline_ns) {
  timed_out_ = false;
  if (PQsendQuery(connection_.get(), sql) == 0) return {};
  return collect(deadline_ns);
}

PostgresResult PostgresConnection::execute(const char* name,
                                           std::span<const std::string_view> params,
                                           int64_t deadline_ns) {
  constexpr size_t kMostParams = 8;
  constexpr int kBinary = 1;
  std::array<const char*, kMostParams> values{};
  std::array<int, kMostParams> lengths{}, formats{};
  const size_t count = std::min(params.size(), kMostParams);
  for (size_t i = 0; i < count; ++i) {
    // A null pointer would be NULL, which is not the empty value.
    values[i] = params[i].empty() ? "" : params[i].data();
    lengths[i] = static_cast<int>(params[i].size());
    formats[i] = kBinary;
  }
  timed_out_ = false;
  if (PQsendQueryPrepared(connection_.get(), name, static_cast<int>(count), values.data(),
                          lengths.data(), formats.data(), kBinary) == 0) {
    return {};
  }
  return collect(deadline_ns);
}

// The last of the results, which a single statement has one of. A connection whose answer was not
// waited for cannot be used again.
PostgresResult PostgresConnection::collect(int64_t deadline_ns) {
  PostgresResult last;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      if (!wait_for_input(deadline_ns)) {
        timed_out_ = true;
        connection_.reset();
        return {};
      }
      if (PQconsumeInput(connection_.get()) == 0) return {};
    }
    pg_result* next = PQgetResult(connection_.get());
    if (!next) return last;
    last = PostgresResult(next);
  }
}

bool PostgresConnection::wait_for_input(int64_t deadline_ns) const {
  pollfd entry{.fd = PQsocket(connection_.get()), .events = POLLIN, .revents = 0};
  while (true) {
    const int64_t left_ns = deadline_ns - monotonic_ns();
    if (left_ns <= 0) return false;
    const auto left_ms = static_cast<int>(std::min<int64_t>(left_ns / 1'000'000 + 1, 60'000));
    const int ready = poll(&entry, 1, left_ms);
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true;  // libpq says what is wrong
  }
}

bool PostgresConnection::is_open() const {
  return connection_ && PQstatus(connection_.get()) == CONNECTION_OK;
}

int PostgresConnection::server_version() const { return PQserverVersion(connection_.get()); }

Address PostgresConnection::server_address() const {
  const std::string ip = PQhostaddr(connection_.get());
  const std::string port = PQport(connection_.get());
  if (!ip.empty()) return {.socket_path = {}, .host = ip, .port = parse_port(port, "postgres")};
  return {.socket_path = fmt::format("{}/.s.PGSQL.{}", PQhost(connection_.get()), port),
          .host = {},
          .port = 0};
}

// A file of passwords has them by host and port, so that the password found there is passed on.
// Whose process listens on the socket was looked at when this connection was made.
PostgresTarget PostgresConnection::target_by_way_of(const Address& address) const {
  PostgresTarget target = target_;
  if (address.is_unix()) {
    const std::string folder = std::filesystem::path(address.socket_path).parent_path().string();
    target.instead = {{"host", folder}, {"port", PQport(connection_.get())}};
  } else {
    target.instead = {{"host", PQhost(connection_.get())},
                      {"hostaddr", address.host},
                      {"port", fmt::to_string(address.port)}};
  }
  if (const std::string password = PQpass(connection_.get()); !password.empty()) {
    target.password = password;
    target.instead.emplace_back("password", password);
  }
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfo(connection_.get()), PQconninfoFree);
  for (const PQconninfoOption* option = options.get(); option && option->keyword; ++option) {
    if (std::string_view(option->keyword) == "requirepeer" && option->val && *option->val) {
      target.instead.emplace_back("requirepeer", own_user_name());
    }
  }
  return target;
}

BlockingClient::Result PostgresConnection::failure(const PostgresResult& result) const {
  constexpr std::string_view kCancelled = "57014";  // the server's own statement_timeout
  if (timed_out_ || result.sqlstate() == kCancelled) return {.outcome = Outcome::kTimeout};
  return {.outcome = Outcome::kError, .connection_lost = !is_open(), .text = error_text()};
}

}  // namespace cachegauge
