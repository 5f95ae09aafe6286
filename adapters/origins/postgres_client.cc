#include "adapters/origins/postgres_client.h"

#include <endian.h>
#include <fmt/format.h>

#include <cstring>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/origin_row.h"

namespace cachegauge {
namespace {

// Of PostgreSQL's catalogue of types.
constexpr unsigned kBytea = 17, kInt8 = 20;

// What was stored before the connection was lost went with it; the commit that waits for it says
// so, before there is another connection.
BlockingClient::Result lost_transaction() {
  return {.outcome = Outcome::kError,
          .connection_lost = false,
          .text = "the connection was lost with a transaction open"};
}

uint32_t read_version(std::string_view bytes) {
  uint64_t word = 0;
  if (bytes.size() == sizeof(word)) std::memcpy(&word, bytes.data(), sizeof(word));
  return static_cast<uint32_t>(be64toh(word));
}

}  // namespace

PostgresClient::PostgresClient(const PostgresTarget& target) : target_(target) { connect(); }

// The server gives up a statement by itself a little before we would: a connection is then spared.
void PostgresClient::connect() {
  PostgresConnection connection(target_);
  const int64_t deadline = deadline_ns();
  connection.run(fmt::format("SET statement_timeout = {}", target_.timeout_ns / 1'000'000),
                 deadline);
  connection.prepare(
      "load",
      fmt::format("SELECT version, value FROM {} WHERE key = $1", kPostgresOriginTable).c_str(),
      {kBytea}, deadline);
  connection.prepare("store",
                     fmt::format("INSERT INTO {} AS o VALUES($1, $2, $3) ON CONFLICT (key) DO "
                                 "UPDATE SET version = excluded.version, value = excluded.value "
                                 "WHERE o.version < excluded.version",
                                 kPostgresOriginTable)
                         .c_str(),
                     {kBytea, kInt8, kBytea}, deadline);
  connection_.emplace(std::move(connection));
}

int64_t PostgresClient::deadline_ns() const {
  constexpr int64_t kGraceNs = 100'000'000;
  return monotonic_ns() + target_.timeout_ns + kGraceNs;
}

BlockingClient::Result PostgresClient::execute(const Command& command, std::string& value) {
  const std::lock_guard lock(busy_);
  if (!connection_ && in_transaction_) return lost_transaction();
  try {
    if (!connection_) connect();
  } catch (const Error& error) {
    return {.outcome = Outcome::kError, .connection_lost = true, .text = error.what()};
  }
  return OriginClient::execute(command, value);
}

BlockingClient::Result PostgresClient::failed(const PostgresResult& result) {
  Result why = connection_->failure(result);
  if (!connection_->is_open()) connection_.reset();
  return why;
}

BlockingClient::Result PostgresClient::load(const Command& command, std::string& value) {
  const PostgresResult result = connection_->execute("load", {&command.key, 1}, deadline_ns());
  if (!result.ok()) return failed(result);
  if (result.rows() == 0) {
    return {.outcome = Outcome::kError,
            .connection_lost = false,
            .text = "there is no row of a key that was asked for"};
  }
  append_origin_row(value, read_version(result.bytes(0)), result.bytes(1));
  return {.outcome = Outcome::kHit};
}

BlockingClient::Result PostgresClient::store(const Command& command) {
  if (!in_transaction_) {
    const PostgresResult begun = connection_->try_run("BEGIN", deadline_ns());
    if (!begun.ok()) return failed(begun);
    in_transaction_ = true;
  }
  const uint64_t version = htobe64(command.version);
  const std::string_view row[] = {
      command.key, {reinterpret_cast<const char*>(&version), sizeof(version)}, command.value};
  const PostgresResult result = connection_->execute("store", row, deadline_ns());
  if (!result.ok()) return failed(result);
  return {.outcome = result.changed() > 0 ? Outcome::kStored : Outcome::kNotStored};
}

BlockingClient::Result PostgresClient::commit() {
  const std::lock_guard lock(busy_);
  in_transaction_ = false;
  if (!connection_) return lost_transaction();
  const PostgresResult result = connection_->try_run("COMMIT", deadline_ns());
  if (!result.ok()) return failed(result);
  // After a statement that failed, there is nothing to commit.
  if (result.command_tag() == "COMMIT") return {.outcome = Outcome::kStored};
  return {.outcome = Outcome::kError,
          .connection_lost = false,
          .text = "a transaction was rolled back, with all that was stored in it"};
}

void PostgresClient::publish_statistics() {
  const std::lock_guard lock(busy_);
  if (!connection_) return;
  const bool on_request = connection_->server_version() >= kPublishesOnRequest;
  const PostgresResult result =
      connection_->try_run(on_request ? kPublishStatistics : "SELECT 1", deadline_ns());
  if (!result.ok()) failed(result);
}

}  // namespace cachegauge
