#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/origins/pooled_origin.h"
#include "adapters/origins/postgres_client.h"
#include "adapters/origins/postgres_server.h"
#include "adapters/origins/real_origins.h"
#include "adapters/server/child_processes.h"
#include "adapters/server/fault_route.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/fault.h"

namespace cachegauge {
namespace {

// By this comment we know the schema again that a killed run has left.
constexpr const char* kSchemaComment = "made by cachegauge for an origin, and removed with it";
constexpr int64_t kAdvisoryLock = 0x6367'6f72'6967'696e;  // one run at a time has the schema

// What the server counts of our table, and of the database as a whole, other people's work there
// included.
constexpr const char* kFigures = R"(
  SELECT t.seq_scan + t.idx_scan AS queries,
         t.seq_tup_read + t.idx_tup_fetch AS rows_read,
         t.n_tup_ins + t.n_tup_upd AS rows_written,
         io.heap_blks_hit + io.idx_blks_hit + coalesce(io.toast_blks_hit, 0) +
           coalesce(io.tidx_blks_hit, 0) AS blocks_hit,
         io.heap_blks_read + io.idx_blks_read + coalesce(io.toast_blks_read, 0) +
           coalesce(io.tidx_blks_read, 0) AS blocks_read,
         d.xact_commit + d.xact_rollback AS database_transactions,
         d.blks_hit AS database_blocks_hit,
         d.blks_read AS database_blocks_read
  FROM pg_stat_user_tables t JOIN pg_statio_user_tables io USING (relid), pg_stat_database d
  WHERE t.schemaname = 'cachegauge' AND t.relname = 'origin' AND d.datname = current_database())";
constexpr const char* kFigureNames[] = {"queries",
                                        "rows_read",
                                        "rows_written",
                                        "blocks_hit",
                                        "blocks_read",
                                        "database_transactions",
                                        "database_blocks_hit",
                                        "database_blocks_read"};
constexpr size_t kTransactions = 5;
constexpr int64_t kRestartNs = 20'000'000'000;

// Faults are brought about by the guardian's signals, where the server is private and they can be,
// and else by a proxy in front of the clients' connections. Ours for control goes straight.
class PostgresOrigin final : public PooledOrigin, public FaultTarget {
 public:
  PostgresOrigin(const Spec& spec, const OriginSettings& settings);
  ~PostgresOrigin() override { stop(); }

  OriginTraits traits() const override {
    return {.simulated = false, .holds_rows = true, .shared = is_running_};
  }
  void start() override;
  void settle() override;
  std::vector<OriginFigure> figures() override;
  std::string version() const override { return version_; }
  std::vector<Spec::Param> settings() const override { return reported_settings_; }
  void stop() override;

  FaultMeans means_of(const Fault& fault) const override;
  void use_proxy() override { route_.use_proxy(); }
  void begin_fault(const Fault& fault) override;
  void end_fault(const Fault& fault) override;

 private:
  std::unique_ptr<BlockingClient> connect() override;
  void start_server();
  void wait_until_let_in();
  void connect_control();
  bool take_lock();
  void make_table();
  void drop_table();
  void publish_statistics();
  std::string shown(const char* setting);

  const bool is_running_;  // and not ours
  PostgresTarget target_;
  std::optional<PrivateServer> server_;
  std::optional<PostgresConnection> control_;
  FaultRoute route_;
  std::vector<PostgresClient*> clients_;  // the pool's
  bool made_table_ = false;
  bool was_killed_ = false;
  uint64_t own_transactions_ = 0;
  std::string version_;
  std::vector<Spec::Param> reported_settings_;
};

PostgresOrigin::PostgresOrigin(const Spec& spec, const OriginSettings& settings)
    : PooledOrigin(spec, settings), is_running_(spec.has("dsn") || spec.has("url")) {
  if (!is_running_) {
    spec.size_bytes("shared_buffers", 0);
    return;
  }
  if (spec.has("dsn") && spec.has("url")) {
    throw Error::usage("postgres: dsn= and url= say the same: give one of them");
  }
  for (const char* name : {"binary", "shared_buffers"}) {
    if (spec.has(name)) {
      throw Error::usage(
          fmt::format("postgres:{}= is of a private server, and dsn= names a "
                      "running one: leave one of them out",
                      name));
    }
  }
  target_ = parse_postgres_target(spec.text("dsn", spec.text("url", "")), settings.timeout_ns);
}

void PostgresOrigin::start_server() {
  constexpr size_t kOurOwn = 8;  // connections beside the pool's: control, and the server's reserve
  server_.emplace(postgres_program({.binary = spec().text("binary", ""),
                                    .connections = threads() + kOurOwn,
                                    .shared_buffers_bytes = spec().size_bytes("shared_buffers", 0),
                                    .cpus = origin_settings().server_cpus}));
  target_ = parse_postgres_target(conninfo_of(*server_), origin_settings().timeout_ns);
  was_killed_ = false;
  wait_until_let_in();
}

// It listens a moment before it lets anyone in, and says so in the one way or the other.
void PostgresOrigin::wait_until_let_in() {
  constexpr int64_t kLetInNs = 20'000'000'000;
  constexpr auto kPause = std::chrono::milliseconds(5);
  for (const int64_t give_up_ns = monotonic_ns() + kLetInNs;;) {
    try {
      connect_control();
      return;
    } catch (const Error& error) {
      const std::string_view reason = error.what();
      const bool is_starting = reason.find("starting up") != std::string_view::npos ||
                               reason.find("not yet accepting") != std::string_view::npos;
      if (!is_starting || monotonic_ns() > give_up_ns) throw;
      std::this_thread::sleep_for(kPause);
    }
  }
}

// Locks of others on our table are not waited for without end.
void PostgresOrigin::connect_control() {
  control_.emplace(target_);
  control_->run(fmt::format("SET lock_timeout = {}", target_.timeout_ns / 1'000'000));
}

void PostgresOrigin::start() {
  stop();
  if (is_running_) {
    connect_control();
  } else {
    start_server();
  }
  make_table();
  version_ = shown("server_version");
  reported_settings_ = {{"server", is_running_ ? "running" : "private"},
                        {"threads", fmt::to_string(threads())},
                        {"shared_buffers", shown("shared_buffers")},
                        {"synchronous_commit", shown("synchronous_commit")},
                        {"fsync", shown("fsync")}};
}

std::unique_ptr<BlockingClient> PostgresOrigin::connect() {
  auto client = std::make_unique<PostgresClient>(
      route_.uses_proxy() ? control_->target_by_way_of(route_.to(control_->server_address()))
                          : target_);
  clients_.push_back(client.get());
  return client;
}

std::string PostgresOrigin::shown(const char* setting) {
  return std::string(control_->run(fmt::format("SHOW {}", setting)).bytes(0));
}

// Of a run that has just ended, the server may not have noticed so far.
bool PostgresOrigin::take_lock() {
  constexpr auto kBetween = std::chrono::milliseconds(50);
  constexpr int kTimes = 40;
  const std::string lock = fmt::format("SELECT pg_try_advisory_lock({})::int", kAdvisoryLock);
  for (int i = 0; i < kTimes; ++i) {
    if (control_->run(lock).count(0) != 0) return true;
    std::this_thread::sleep_for(kBetween);
  }
  return false;
}

// The lock is held until the connection goes, so that what we find of a schema of ours was left.
void PostgresOrigin::make_table() {
  if (!take_lock()) {
    throw Error::usage(
        "postgres: another run of cachegauge has its rows in this database: wait for its end, or "
        "name another database");
  }
  const PostgresResult schema = control_->run(
      "SELECT coalesce(obj_description(oid, 'pg_namespace'), '') FROM pg_namespace "
      "WHERE nspname = 'cachegauge'");
  if (schema.rows() > 0 && schema.bytes(0) != kSchemaComment) {
    throw Error::usage(
        "postgres: the database has a schema \"cachegauge\" that is not ours, and was left as it "
        "is: rename it, or name another database");
  }
  if (schema.rows() > 0) drop_table();
  control_->run(fmt::format(
      "BEGIN; CREATE SCHEMA cachegauge; COMMENT ON SCHEMA cachegauge IS '{}'; "
      "CREATE TABLE {}(key bytea PRIMARY KEY, version bigint NOT NULL, value bytea NOT NULL); "
      "COMMIT",
      kSchemaComment, kPostgresOriginTable));
  made_table_ = true;
}

// Whatever else somebody has put there keeps the schema.
void PostgresOrigin::drop_table() {
  control_->run(fmt::format("DROP TABLE IF EXISTS {}", kPostgresOriginTable));
  control_->run("DROP SCHEMA cachegauge RESTRICT");
}

// Rows that were just written are looked at twice: a vacuum marks them as good for all.
void PostgresOrigin::settle() {
  control_->run(fmt::format("VACUUM (ANALYZE) {}", kPostgresOriginTable));
}

// Before version 15 a server's process tells what it counted when it is done with a command half a
// second after it told the last time.
void PostgresOrigin::publish_statistics() {
  if (control_->server_version() < kPublishesOnRequest) {
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
  }
  for (PostgresClient* client : clients_) client->publish_statistics();
  if (control_->server_version() < kPublishesOnRequest) {
    control_->run("SELECT 1");
    std::this_thread::sleep_for(std::chrono::milliseconds(600));
  } else {
    control_->run(kPublishStatistics);
  }
}

// Less the transactions that all this takes: one of each connection, and each reading before.
// A server that was killed counts anew, from nobody knows when.
std::vector<OriginFigure> PostgresOrigin::figures() {
  if (was_killed_) return {};
  std::vector<OriginFigure> figures;
  try {
    if (!control_ || !control_->is_open()) connect_control();
    publish_statistics();
    own_transactions_ += clients_.size() + 1;
    const PostgresResult row = control_->run(kFigures);
    if (row.rows() == 0) return {};
    int column = 0;
    for (const char* name : kFigureNames) figures.push_back({name, row.count(column++)});
    figures[kTransactions].value -= std::min(figures[kTransactions].value, own_transactions_);
    ++own_transactions_;
  } catch (const Error& error) {
    log().note("figures", fmt::format("its figures are not known: {}", error.what()));
    return {};
  }
  return figures;
}

FaultMeans PostgresOrigin::means_of(const Fault& fault) const {
  const bool by_signals = fault.type == FaultType::kStall || fault.type == FaultType::kKill;
  return by_signals && !is_running_ && can_find_children() ? FaultMeans::kServer
                                                           : FaultMeans::kProxy;
}

void PostgresOrigin::begin_fault(const Fault& fault) {
  if (means_of(fault) == FaultMeans::kProxy) return route_.begin(fault);
  if (fault.type == FaultType::kStall) return server_->pause();
  was_killed_ = true;
  log().note("killed", "it was killed on purpose: what it counts began anew, and is not known");
  server_->restart(fault.for_ns);
}

// Until its log is replayed it turns clients away.
void PostgresOrigin::end_fault(const Fault& fault) {
  if (means_of(fault) == FaultMeans::kProxy) return route_.end(fault);
  if (fault.type == FaultType::kStall) return server_->resume();
  server_->wait_for_restart(kRestartNs + fault.for_ns);
  wait_until_let_in();
}

void PostgresOrigin::stop() {
  if (server_ && server_->death()) {
    log().note("death", fmt::format("the private server {} by itself", *server_->death()));
  }
  stop_pool();
  clients_.clear();
  route_.close();
  if (made_table_ && is_running_) {
    try {
      if (!control_ || !control_->is_open()) connect_control();
      drop_table();
    } catch (const Error& error) {
      log().note("stop",
                 fmt::format("the table {} could not be removed, and is removed by the next "
                             "run that uses this database: {}",
                             kPostgresOriginTable, error.what()));
    }
  }
  made_table_ = false;
  control_.reset();
  server_.reset();
}

}  // namespace

std::unique_ptr<Origin> make_postgres_origin(const Spec& spec, const OriginSettings& settings) {
  return std::make_unique<PostgresOrigin>(spec, settings);
}

}  // namespace cachegauge
