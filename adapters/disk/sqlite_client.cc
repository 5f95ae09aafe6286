#include "adapters/disk/sqlite_client.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <bit>
#include <cstring>
#include <vector>

#include "adapters/disk/disk_errors.h"
#include "adapters/disk/sqlite_connection.h"
#include "adapters/disk/sqlite_schema.h"
#include "harness/core/clock.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr uint64_t kLargeValueBytes = 32 * 1024;  // as diskcache's
constexpr uint64_t kRowBytes = 64;  // about what a row takes beside key and value, indexes included
constexpr int kFileProblem = -2;    // no code of SQLite's: file_error_ says what

int64_t hash_of(std::string_view key) { return std::bit_cast<int64_t>(hash_text_key(key)); }

// 0 for the two ways in which a statement goes well.
int problem(int code) { return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : code; }

int64_t in_pages(uint64_t bytes) {
  const auto signed_bytes = static_cast<int64_t>(bytes);
  return (signed_bytes + kSqlitePageBytes - 1) / kSqlitePageBytes * kSqlitePageBytes;
}

std::string delete_first(std::string_view which) {
  return fmt::format("DELETE FROM item WHERE id IN (SELECT id FROM item {}) RETURNING file, size",
                     which);
}

class SqliteClient final : public TransactionClient {
 public:
  explicit SqliteClient(SqliteShared& shared);
  ~SqliteClient() override { finish(); }

 private:
  Result get(const Command& command, std::string& value) override;
  int begin_transaction() override;
  int commit_transaction() override;
  void abort_transaction() override;
  int find(std::string_view key, std::optional<Found>& found) override;
  int remove(int64_t item) override;
  int insert(const Command& command, int64_t uses) override;
  int note_use(const Touch& touch) override;
  int delete_expired(int64_t most, uint64_t& deleted) override;
  int delete_victims(int64_t most, uint64_t& deleted) override;
  int read_bytes_used(uint64_t& bytes) override;
  // A value file gives its bytes back at once, and a page when its last row is gone.
  int64_t victims_at_once() const override { return file_bytes_ > 0 ? 1 : 16; }
  uint64_t charge(const Command& command) const override;
  Result explain(int code) const override;

  void wait_for_locks() { connection_.set_deadline(monotonic_ns() + shared_.settings.timeout_ns); }
  int delete_some(SqliteStatement& statement, uint64_t& deleted);
  void unlink(std::vector<int64_t>& files);

  SqliteShared& shared_;
  SqliteConnection connection_;
  SqliteStatement get_, find_, remove_, insert_, touch_, expired_, victims_;
  SqliteStatement begin_, commit_, rollback_, totals_, update_total_, page_count_, free_pages_;

  // Of the transaction under way.
  int64_t file_bytes_ = 0;
  int64_t file_bytes_before_ = 0;
  std::vector<int64_t> files_written_, files_replaced_;
  int file_error_ = 0;
};

SqliteClient::SqliteClient(SqliteShared& shared)
    : TransactionClient(shared), shared_(shared), connection_(shared.path) {
  wait_for_locks();
  tune(connection_);
  auto prepare = [this](const std::string& sql) { return connection_.prepare(sql.c_str()); };
  get_ = prepare("SELECT id, expires, file, size, key, value FROM item WHERE hash = ?1");
  find_ = prepare("SELECT id, expires, uses, key FROM item WHERE hash = ?1");
  remove_ = prepare("DELETE FROM item WHERE id = ?1 RETURNING file, size");
  insert_ = prepare("INSERT INTO item VALUES(?1, ?2, ?3, ?4, ?1, ?5, ?6, ?7, ?8)");
  touch_ = prepare("UPDATE item SET uses = uses + ?2, touched = max(touched, ?3) WHERE id = ?1");
  expired_ = prepare(delete_first("WHERE expires <= ?1 ORDER BY expires LIMIT ?2"));
  victims_ = prepare(
      delete_first(fmt::format("ORDER BY {} LIMIT ?1", eviction_order(shared.settings.policy))));
  begin_ = prepare("BEGIN IMMEDIATE");
  commit_ = prepare("COMMIT");
  rollback_ = prepare("ROLLBACK");
  totals_ = prepare("SELECT file_bytes, (SELECT max(id) FROM item) FROM total");
  update_total_ = prepare("UPDATE total SET file_bytes = ?1");
  page_count_ = prepare("PRAGMA page_count");
  free_pages_ = prepare("PRAGMA freelist_count");
}

// A file that is not there, or is not what the row says, was replaced between the two reads: the
// second look finds its successor. If not, a loss of power has damaged it.
BlockingClient::Result SqliteClient::get(const Command& command, std::string& value) {
  wait_for_locks();
  constexpr int kMostLooks = 3;
  for (int look = 0; look < kMostLooks; ++look) {
    const int code = get_.bind(1, hash_of(command.key)).step();
    if (code == SQLITE_DONE) return {.outcome = Outcome::kMiss};
    if (code != SQLITE_ROW) return connection_.failure(code);
    const int64_t id = get_.number(0);
    const int64_t now = notes_uses() || !get_.is_null(1) ? shared_.tick() : 0;
    const bool expired = !get_.is_null(1) && get_.number(1) <= now;
    const bool is_hit = !expired && get_.bytes(4) == command.key;
    const bool in_file = is_hit && !get_.is_null(2);
    const ValueFiles::Reference file{get_.number(2), static_cast<uint64_t>(get_.number(3)),
                                     in_file ? get_.number(5) : 0};
    if (is_hit && !in_file) value.append(get_.bytes(5));
    get_.reset();
    if (!is_hit) return {.outcome = Outcome::kMiss};
    if (in_file && !shared_.files.read(file, value)) continue;
    note_hit(id, now);
    return {.outcome = Outcome::kHit};
  }
  return {.outcome = Outcome::kMiss};
}

int SqliteClient::begin_transaction() {
  wait_for_locks();
  int code = problem(begin_.run());
  if (code != 0) return code;
  code = totals_.step();
  if (code != SQLITE_ROW) {
    rollback_.run();
    return problem(code);
  }
  file_bytes_ = file_bytes_before_ = totals_.number(0);
  shared_.raise_clock(totals_.number(1));
  totals_.reset();
  return 0;
}

int SqliteClient::commit_transaction() {
  int code = 0;
  if (file_bytes_ != file_bytes_before_) code = problem(update_total_.bind(1, file_bytes_).run());
  if (code == 0) code = problem(commit_.run());
  if (code != 0) return code;
  files_written_.clear();
  unlink(files_replaced_);
  return 0;
}

void SqliteClient::abort_transaction() {
  if (connection_.in_transaction()) rollback_.run();  // some errors have done it already
  files_replaced_.clear();
  unlink(files_written_);
}

int SqliteClient::find(std::string_view key, std::optional<Found>& found) {
  const int code = find_.bind(1, hash_of(key)).step();
  if (code != SQLITE_ROW) return problem(code);
  found = {.item = find_.number(0),
           .is_ours = find_.bytes(3) == key,
           .expired = !find_.is_null(1) && find_.number(1) <= unix_ns(),
           .uses = find_.number(2)};
  find_.reset();
  return 0;
}

int SqliteClient::remove(int64_t item) {
  uint64_t deleted = 0;
  return delete_some(remove_.bind(1, item), deleted);
}

int SqliteClient::insert(const Command& command, int64_t uses) {
  const std::string_view value = command.value;
  const bool in_file = value.size() >= kLargeValueBytes;
  ValueFiles::Reference file;
  if (in_file) {
    file_error_ = shared_.files.write(value, file);
    if (file_error_ != 0) return kFileProblem;
    files_written_.push_back(file.id);
    file_bytes_ += in_pages(value.size());
  }
  insert_.bind(1, shared_.tick()).bind(2, hash_of(command.key)).bind(4, uses);
  command.ttl_ns > 0 ? insert_.bind(3, unix_ns() + command.ttl_ns) : insert_.bind_null(3);
  insert_.bind(6, static_cast<int64_t>(value.size())).bind(7, command.key);
  in_file ? insert_.bind(5, file.id).bind(8, file.check) : insert_.bind_null(5).bind(8, value);
  return problem(insert_.run());
}

int SqliteClient::note_use(const Touch& touch) {
  return problem(touch_.bind(1, touch.item).bind(2, touch.uses).bind(3, touch.latest_ns).run());
}

int SqliteClient::delete_expired(int64_t most, uint64_t& deleted) {
  return delete_some(expired_.bind(1, unix_ns()).bind(2, most), deleted);
}

int SqliteClient::delete_victims(int64_t most, uint64_t& deleted) {
  return delete_some(victims_.bind(1, most), deleted);
}

// Of a bound DELETE … RETURNING file, size.
int SqliteClient::delete_some(SqliteStatement& statement, uint64_t& deleted) {
  int code = 0;
  while ((code = statement.step()) == SQLITE_ROW) {
    ++deleted;
    if (statement.is_null(0)) continue;
    files_replaced_.push_back(statement.number(0));
    file_bytes_ -= in_pages(static_cast<uint64_t>(statement.number(1)));
  }
  return problem(code);
}

int SqliteClient::read_bytes_used(uint64_t& bytes) {
  int64_t pages = 0;
  if (const int code = page_count_.step(); code != SQLITE_ROW) return problem(code);
  pages += page_count_.number(0);
  page_count_.reset();
  if (const int code = free_pages_.step(); code != SQLITE_ROW) return problem(code);
  pages -= free_pages_.number(0);
  free_pages_.reset();
  bytes = static_cast<uint64_t>(pages * kSqlitePageBytes + file_bytes_);
  return 0;
}

uint64_t SqliteClient::charge(const Command& command) const {
  const uint64_t size = command.value.size();
  const bool in_file = size >= kLargeValueBytes;
  return command.key.size() + kRowBytes + (in_file ? static_cast<uint64_t>(in_pages(size)) : size);
}

BlockingClient::Result SqliteClient::explain(int code) const {
  if (code != kFileProblem) return connection_.failure(code);
  return disk_failure(disk_full_text(values_folder(shared_.path), std::strerror(file_error_)));
}

void SqliteClient::unlink(std::vector<int64_t>& files) {
  for (const int64_t file : files) shared_.files.remove(file);
  files.clear();
}

}  // namespace

std::unique_ptr<BlockingClient> make_sqlite_client(SqliteShared& shared) {
  return std::make_unique<SqliteClient>(shared);
}

}  // namespace cachegauge
