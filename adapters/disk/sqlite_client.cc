#include "adapters/disk/sqlite_client.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <bit>
#include <chrono>
#include <cstring>
#include <optional>
#include <vector>

#include "adapters/disk/sqlite_connection.h"
#include "adapters/disk/sqlite_schema.h"
#include "adapters/disk/touches.h"
#include "harness/core/clock.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr uint64_t kLargeValueBytes = 32 * 1024;  // as diskcache's
constexpr uint64_t kMostExpired = 64;
constexpr uint64_t kRowBytes = 64;  // about what a row takes beside key and value, indexes included

int64_t hash_of(std::string_view key) { return std::bit_cast<int64_t>(hash_text_key(key)); }

int64_t in_pages(uint64_t bytes) {
  const auto signed_bytes = static_cast<int64_t>(bytes);
  return (signed_bytes + kSqlitePageBytes - 1) / kSqlitePageBytes * kSqlitePageBytes;
}

std::string delete_first(std::string_view which) {
  return fmt::format("DELETE FROM item WHERE id IN (SELECT id FROM item {}) RETURNING file, size",
                     which);
}

class SqliteClient final : public BlockingClient {
 public:
  explicit SqliteClient(SqliteShared& shared);
  ~SqliteClient() override;

  Result execute(const Command& command, std::string& value) override;
  bool must_commit() const override { return writing_ || failure_; }
  Result commit() override;

 private:
  // What is found under a hash.
  struct Row {
    int64_t id = 0;
    bool is_ours = false;  // the key is the one that was asked for
    bool expired = false;
    int64_t uses = 0;
  };

  Result get(const Command& command, std::string& value);
  Result write(const Command& command);
  Result store(const Command& command, const std::optional<Row>& found);

  // These give SQLite's codes.
  int begin();
  int write_touches();
  int find(std::string_view key, std::optional<Row>& row);
  int remove(const Row& row);
  int make_room(uint64_t bytes);
  int delete_some(SqliteStatement& statement, std::atomic<uint64_t>& counter, uint64_t& deleted);
  int insert(const Command& command, int64_t uses, const ValueFiles::Reference* file);
  int update_total();

  void rollback();
  // Undoes the transaction, and fails what follows in it.
  Result fail(const Result& result);
  Result fail(int code) { return fail(connection_.failure(code)); }
  void unlink(std::vector<int64_t>& files);

  SqliteShared& shared_;
  const bool notes_uses_;
  const uint64_t capacity_;
  SqliteConnection connection_;
  SqliteStatement get_, find_, remove_, insert_, touch_, expired_, victims_;
  SqliteStatement begin_, commit_, rollback_, totals_, update_total_, page_count_, free_pages_;
  Touches touches_;

  // Of the transaction under way.
  bool writing_ = false;
  bool more_expired_ = false;  // than were deleted at its beginning
  int64_t file_bytes_ = 0;
  int64_t file_bytes_before_ = 0;
  std::vector<int64_t> files_written_, files_replaced_;
  std::optional<Result> failure_;  // what commit() will say
};

SqliteClient::SqliteClient(SqliteShared& shared)
    : shared_(shared),
      notes_uses_(shared.settings.policy != DiskPolicy::kLeastRecentlyStored),
      capacity_(*shared.settings.capacity_bytes),
      connection_(shared.path) {
  connection_.set_deadline(monotonic_ns() + shared_.settings.timeout_ns);
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

SqliteClient::~SqliteClient() {
  if (touches_.empty()) return;
  connection_.set_deadline(monotonic_ns() + shared_.settings.timeout_ns);
  const int code = write_touches();
  code == SQLITE_OK ? commit() : fail(code);
}

BlockingClient::Result SqliteClient::execute(const Command& command, std::string& value) {
  connection_.set_deadline(monotonic_ns() + shared_.settings.timeout_ns);
  switch (command.kind) {
    case CommandKind::kGet:
      return get(command, value);
    case CommandKind::kSet:
    case CommandKind::kAdd:
    case CommandKind::kDelete:
      return write(command);
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return {.outcome = Outcome::kRejected, .connection_lost = false, .text = "no such operation"};
}

// A file that is not there, or is not what the row says, was replaced between the two reads: the
// second look finds its successor. If not, a loss of power has damaged it.
BlockingClient::Result SqliteClient::get(const Command& command, std::string& value) {
  constexpr int kMostLooks = 3;
  for (int look = 0; look < kMostLooks; ++look) {
    const int code = get_.bind(1, hash_of(command.key)).step();
    if (code == SQLITE_DONE) return {.outcome = Outcome::kMiss};
    if (code != SQLITE_ROW) return connection_.failure(code);
    const int64_t id = get_.number(0);
    const int64_t now = notes_uses_ || !get_.is_null(1) ? shared_.tick() : 0;
    const bool expired = !get_.is_null(1) && get_.number(1) <= now;
    const bool is_hit = !expired && get_.bytes(4) == command.key;
    const bool in_file = is_hit && !get_.is_null(2);
    const ValueFiles::Reference file{get_.number(2), static_cast<uint64_t>(get_.number(3)),
                                     in_file ? get_.number(5) : 0};
    if (is_hit && !in_file) value.append(get_.bytes(5));
    get_.reset();
    if (!is_hit) return {.outcome = Outcome::kMiss};
    if (in_file && !shared_.files.read(file, value)) continue;
    if (notes_uses_) touches_.note(id, now);
    if (touches_.due() && !failure_) {
      if (const int problem = write_touches(); problem != SQLITE_OK) fail(problem);
    }
    return {.outcome = Outcome::kHit};
  }
  return {.outcome = Outcome::kMiss};
}

BlockingClient::Result SqliteClient::write(const Command& command) {
  if (failure_) return *failure_;
  const uint64_t bytes = command.key.size() + command.value.size() + kRowBytes;
  if (bytes > capacity_ / 2) {
    return {.outcome = Outcome::kRejected,
            .connection_lost = false,
            .text = "it takes items of up to half of its capacity"};
  }
  std::optional<Row> found;
  int code = begin();
  if (code == SQLITE_OK) code = find(command.key, found);
  if (code != SQLITE_OK) return fail(code);
  const bool is_there = found && found->is_ours && !found->expired;
  if (command.kind == CommandKind::kAdd && is_there) return {.outcome = Outcome::kNotStored};
  if (command.kind != CommandKind::kDelete) return store(command, found);
  if (!found || !found->is_ours) return {.outcome = Outcome::kNotFound};
  code = remove(*found);
  if (code != SQLITE_OK) return fail(code);
  return {.outcome = is_there ? Outcome::kDeleted : Outcome::kNotFound};
}

BlockingClient::Result SqliteClient::store(const Command& command,
                                           const std::optional<Row>& found) {
  const uint64_t size = command.value.size();
  const bool in_file = size >= kLargeValueBytes;
  const uint64_t bytes =
      in_file ? static_cast<uint64_t>(in_pages(size)) + kRowBytes : size + kRowBytes;
  int code = found ? remove(*found) : SQLITE_OK;
  if (code == SQLITE_OK) code = make_room(command.key.size() + bytes);
  if (code != SQLITE_OK) return fail(code);
  ValueFiles::Reference file;
  if (in_file) {
    if (const int error = shared_.files.write(command.value, file); error != 0) {
      return fail({.outcome = Outcome::kError,
                   .connection_lost = false,
                   .text = fmt::format("{}-values: {}: free space on its disk, or give it less "
                                       "capacity=",
                                       shared_.path, std::strerror(error))});
    }
    files_written_.push_back(file.id);
    file_bytes_ += in_pages(size);
  }
  const bool is_update = found && found->is_ours && !found->expired;
  code = insert(command, is_update ? found->uses + touches_.uses_of(found->id) + 1 : 0,
                in_file ? &file : nullptr);
  if (code != SQLITE_DONE) return fail(code);
  return {.outcome = Outcome::kStored};
}

int SqliteClient::begin() {
  if (writing_) return SQLITE_OK;
  if (!shared_.writer.try_lock_for(std::chrono::nanoseconds(shared_.settings.timeout_ns))) {
    return SQLITE_BUSY;
  }
  int code = begin_.run();
  if (code != SQLITE_DONE) {
    shared_.writer.unlock();
    return code;
  }
  writing_ = true;
  code = totals_.step();
  if (code != SQLITE_ROW) return code;
  file_bytes_ = file_bytes_before_ = totals_.number(0);
  shared_.raise_clock(totals_.number(1));
  totals_.reset();
  uint64_t deleted = 0;
  expired_.bind(1, unix_ns()).bind(2, int64_t{kMostExpired});
  code = delete_some(expired_, shared_.expirations, deleted);
  more_expired_ = deleted == kMostExpired;
  return code;
}

int SqliteClient::write_touches() {
  int code = begin();
  if (code != SQLITE_OK) return code;
  code = SQLITE_DONE;
  for (const Touch& touch : touches_.merged()) {
    code = touch_.bind(1, touch.item).bind(2, touch.uses).bind(3, touch.latest_ns).run();
    if (code != SQLITE_DONE) break;
  }
  touches_.clear();
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int SqliteClient::find(std::string_view key, std::optional<Row>& row) {
  const int code = find_.bind(1, hash_of(key)).step();
  if (code == SQLITE_DONE) return SQLITE_OK;
  if (code != SQLITE_ROW) return code;
  row = {.id = find_.number(0),
         .is_ours = find_.bytes(3) == key,
         .expired = !find_.is_null(1) && find_.number(1) <= unix_ns(),
         .uses = find_.number(2)};
  find_.reset();
  return SQLITE_OK;
}

int SqliteClient::remove(const Row& row) {
  std::atomic<uint64_t> replaced = 0;
  uint64_t deleted = 0;
  remove_.bind(1, row.id);
  return delete_some(remove_,
                     row.expired   ? shared_.expirations
                     : row.is_ours ? replaced
                                   : shared_.evictions,
                     deleted);
}

// A value file gives its bytes back at once, and a page when its last row is gone, hence one victim
// or several between two looks.
int SqliteClient::make_room(uint64_t bytes) {
  constexpr int64_t kVictims = 16;
  while (true) {
    int code = page_count_.step();
    if (code != SQLITE_ROW) return code;
    int64_t pages = page_count_.number(0);
    page_count_.reset();
    code = free_pages_.step();
    if (code != SQLITE_ROW) return code;
    pages -= free_pages_.number(0);
    free_pages_.reset();
    const auto used = static_cast<uint64_t>(pages * kSqlitePageBytes + file_bytes_);
    if (used + bytes <= capacity_) return SQLITE_OK;
    const int64_t wanted = file_bytes_ > 0 ? 1 : kVictims;
    uint64_t deleted = 0;
    code = SQLITE_OK;
    if (more_expired_) {
      expired_.bind(1, unix_ns()).bind(2, wanted);
      code = delete_some(expired_, shared_.expirations, deleted);
      more_expired_ = deleted > 0;
    }
    if (code == SQLITE_OK && deleted == 0) code = write_touches();
    if (code == SQLITE_OK && deleted == 0) {
      code = delete_some(victims_.bind(1, wanted), shared_.evictions, deleted);
    }
    if (code != SQLITE_OK || deleted == 0) return code;
  }
}

// Of a bound DELETE … RETURNING file, size.
int SqliteClient::delete_some(SqliteStatement& statement, std::atomic<uint64_t>& counter,
                              uint64_t& deleted) {
  int code = 0;
  while ((code = statement.step()) == SQLITE_ROW) {
    ++deleted;
    if (statement.is_null(0)) continue;
    files_replaced_.push_back(statement.number(0));
    file_bytes_ -= in_pages(static_cast<uint64_t>(statement.number(1)));
  }
  counter.fetch_add(deleted, std::memory_order_relaxed);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

int SqliteClient::insert(const Command& command, int64_t uses, const ValueFiles::Reference* file) {
  const int64_t id = shared_.tick();
  insert_.bind(1, id).bind(2, hash_of(command.key)).bind(4, uses).bind(7, command.key);
  insert_.bind(6, static_cast<int64_t>(command.value.size()));
  command.ttl_ns > 0 ? insert_.bind(3, unix_ns() + command.ttl_ns) : insert_.bind_null(3);
  if (file) {
    insert_.bind(5, file->id).bind(8, file->check);
  } else {
    insert_.bind_null(5).bind(8, command.value);
  }
  return insert_.run();
}

BlockingClient::Result SqliteClient::commit() {
  if (writing_) {
    int code =
        file_bytes_ != file_bytes_before_ ? update_total_.bind(1, file_bytes_).run() : SQLITE_DONE;
    if (code == SQLITE_DONE) code = commit_.run();
    if (code != SQLITE_DONE) {
      fail(code);
    } else {
      writing_ = false;
      shared_.writer.unlock();
      files_written_.clear();
      unlink(files_replaced_);
    }
  }
  const Result result = failure_.value_or(Result{.outcome = Outcome::kStored});
  failure_.reset();
  return result;
}

void SqliteClient::rollback() {
  if (!writing_) return;
  if (connection_.in_transaction()) rollback_.run();  // some errors have done it already
  writing_ = false;
  shared_.writer.unlock();
  files_replaced_.clear();
  unlink(files_written_);
}

BlockingClient::Result SqliteClient::fail(const Result& result) {
  rollback();
  touches_.clear();
  failure_ = result;
  return result;
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
