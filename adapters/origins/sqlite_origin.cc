#include <fmt/format.h>
#include <signal.h>
#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <mutex>
#include <optional>
#include <utility>

#include "adapters/disk/disk_store.h"
#include "adapters/disk/sqlite_connection.h"
#include "adapters/origins/pooled_origin.h"
#include "adapters/origins/real_origins.h"
#include "adapters/server/private_folder.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/origin_row.h"

namespace cachegauge {
namespace {

// By its text we know the table again that a killed run has left.
constexpr const char* kOriginTable =
    "CREATE TABLE cachegauge_origin(key BLOB PRIMARY KEY, version INTEGER NOT NULL, "
    "value BLOB NOT NULL)";

// What the clients of a cell share.
struct SqliteOriginShared {
  std::string path;
  int64_t timeout_ns = 0;
  std::mutex writing;  // SQLite has one writer at a time, and others would look again and again
  std::atomic<uint64_t> rows_read{0}, rows_written{0};
  std::atomic<uint64_t> pages_hit{0}, pages_read{0}, pages_written{0};
};

class SqliteOriginClient final : public BlockingClient {
 public:
  explicit SqliteOriginClient(SqliteOriginShared& shared);

  Result execute(const Command& command, std::string& value) override;
  bool must_commit() const override { return writing_.owns_lock(); }
  Result commit() override;

 private:
  Result load(const Command& command, std::string& value);
  Result store(const Command& command);
  int begin();
  void note_pages();

  SqliteOriginShared& shared_;
  SqliteConnection connection_;
  SqliteStatement load_, store_, begin_, commit_, rollback_;
  std::unique_lock<std::mutex> writing_;  // while a transaction is open
};

SqliteOriginClient::SqliteOriginClient(SqliteOriginShared& shared)
    : shared_(shared), connection_(shared.path), writing_(shared.writing, std::defer_lock) {
  connection_.set_deadline(monotonic_ns() + shared_.timeout_ns);
  load_ = connection_.prepare("SELECT version, value FROM cachegauge_origin WHERE key = ?1");
  store_ = connection_.prepare(
      "INSERT INTO cachegauge_origin VALUES(?1, ?2, ?3) ON CONFLICT(key) DO UPDATE SET "
      "version = excluded.version, value = excluded.value WHERE version < excluded.version "
      "RETURNING version");
  begin_ = connection_.prepare("BEGIN IMMEDIATE");
  commit_ = connection_.prepare("COMMIT");
  rollback_ = connection_.prepare("ROLLBACK");
}

BlockingClient::Result SqliteOriginClient::execute(const Command& command, std::string& value) {
  connection_.set_deadline(monotonic_ns() + shared_.timeout_ns);
  switch (command.kind) {
    case CommandKind::kGet:
      return load(command, value);
    case CommandKind::kSet:
      return store(command);
    default:
      return {.outcome = Outcome::kRejected};
  }
}

BlockingClient::Result SqliteOriginClient::load(const Command& command, std::string& value) {
  const int code = load_.bind(1, command.key).step();
  if (code == SQLITE_DONE) {
    return {.outcome = Outcome::kError,
            .connection_lost = false,
            .text = "there is no row of a key that was asked for"};
  }
  if (code != SQLITE_ROW) return connection_.failure(code);
  append_origin_row(value, static_cast<uint32_t>(load_.number(0)), load_.bytes(1));
  load_.reset();
  ++shared_.rows_read;
  note_pages();
  return {.outcome = Outcome::kHit};
}

int SqliteOriginClient::begin() {
  if (writing_.owns_lock()) return SQLITE_DONE;
  writing_.lock();
  const int code = begin_.run();
  if (code != SQLITE_DONE) writing_.unlock();
  return code;
}

BlockingClient::Result SqliteOriginClient::store(const Command& command) {
  if (const int code = begin(); code != SQLITE_DONE) return connection_.failure(code);
  store_.bind(1, command.key).bind(2, int64_t{command.version}).bind(3, command.value);
  int code = store_.step();
  const bool stored = code == SQLITE_ROW;
  if (stored) code = store_.run();
  if (code != SQLITE_DONE) return connection_.failure(code);
  if (stored) ++shared_.rows_written;
  return {.outcome = stored ? Outcome::kStored : Outcome::kNotStored};
}

BlockingClient::Result SqliteOriginClient::commit() {
  const int code = commit_.run();
  if (code != SQLITE_DONE && connection_.in_transaction()) rollback_.run();
  writing_.unlock();
  note_pages();
  if (code != SQLITE_DONE) return connection_.failure(code);
  return {.outcome = Outcome::kStored};
}

void SqliteOriginClient::note_pages() {
  shared_.pages_hit += connection_.take_count(SQLITE_DBSTATUS_CACHE_HIT);
  shared_.pages_read += connection_.take_count(SQLITE_DBSTATUS_CACHE_MISS);
  shared_.pages_written += connection_.take_count(SQLITE_DBSTATUS_CACHE_WRITE);
}

class SqliteOrigin final : public PooledOrigin {
 public:
  SqliteOrigin(const Spec& spec, const OriginSettings& settings)
      : PooledOrigin(spec, settings), path_(spec.text("path", "")) {
    if (spec.has("path") && path_.empty()) throw Error::usage("sqlite:path: it is empty");
    if (!path_.empty()) path_ = std::filesystem::absolute(path_).string();
  }
  ~SqliteOrigin() override { stop(); }

  OriginTraits traits() const override {
    return {.simulated = false, .holds_rows = true, .shared = spec().has("path")};
  }
  void start() override;
  std::vector<OriginFigure> figures() override;
  std::string version() const override { return sqlite3_libversion(); }
  std::vector<Spec::Param> settings() const override;
  void stop() override;

 private:
  std::unique_ptr<BlockingClient> connect() override {
    return std::make_unique<SqliteOriginClient>(*shared_);
  }
  void make_table(SqliteConnection& connection);

  std::string path_;
  std::optional<PrivateFolder> folder_;
  std::optional<SqliteOriginShared> shared_;
  bool was_there_ = false;
};

void SqliteOrigin::start() {
  stop();
  // A file size limit (ulimit -f) is then an error that is counted, not the end of the process.
  signal(SIGXFSZ, SIG_IGN);
  if (!spec().has("path")) path_ = folder_.emplace().path() + "/origin.db";
  was_there_ = exists_on_disk(path_);
  SqliteConnection connection(path_);
  connection.set_deadline(monotonic_ns() + origin_settings().timeout_ns);
  make_table(connection);
  shared_.emplace();
  shared_->path = path_;
  shared_->timeout_ns = origin_settings().timeout_ns;
}

// A file of our own has a write-ahead log, so that readers do not wait for a writer; one that was
// there keeps its ways.
void SqliteOrigin::make_table(SqliteConnection& connection) {
  constexpr const char* kOthers =
      "SELECT count(*) FROM sqlite_master WHERE name = 'cachegauge_origin' AND sql <> ";
  if (connection.number(fmt::format("{}'{}'", kOthers, kOriginTable).c_str()) > 0) {
    throw Error::usage(fmt::format(
        "{} has a table cachegauge_origin that is not ours, and was left as it is: name another "
        "path",
        path_));
  }
  if (!was_there_) connection.run("PRAGMA journal_mode=WAL");
  connection.run("DROP TABLE IF EXISTS cachegauge_origin");
  connection.run(kOriginTable);
}

std::vector<OriginFigure> SqliteOrigin::figures() {
  return {{"rows_read", shared_->rows_read},
          {"rows_written", shared_->rows_written},
          {"pages_hit", shared_->pages_hit},
          {"pages_read", shared_->pages_read},
          {"pages_written", shared_->pages_written}};
}

std::vector<Spec::Param> SqliteOrigin::settings() const {
  return {{"place", folder_      ? "private"
                    : was_there_ ? "existing"
                                 : "made"},
          {"filesystem", filesystem_name(std::filesystem::path(path_).parent_path().string())},
          {"threads", fmt::to_string(threads())}};
}

void SqliteOrigin::stop() {
  if (!shared_) return;
  stop_pool();
  shared_.reset();
  if (was_there_) {
    try {
      SqliteConnection connection(path_);
      connection.set_deadline(monotonic_ns() + origin_settings().timeout_ns);
      connection.run("DROP TABLE cachegauge_origin");
    } catch (const Error& error) {
      log().note("stop",
                 fmt::format("the table cachegauge_origin could not be removed: {}", error.what()));
    }
  } else if (!folder_) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"})
      std::filesystem::remove(path_ + suffix, ignored);
  }
  folder_.reset();
}

}  // namespace

std::unique_ptr<Origin> make_sqlite_origin(const Spec& spec, const OriginSettings& settings) {
  return std::make_unique<SqliteOrigin>(spec, settings);
}

}  // namespace cachegauge
