#include "adapters/disk/rocksdb_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/version.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <mutex>

#include "adapters/disk/disk_errors.h"
#include "adapters/disk/disk_folder.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr uint64_t kTablesInCapacity = 8;
constexpr uint64_t kTablesInMemory = 2;  // one that is filled, and one that is being written
constexpr uint64_t kLargestTable = 64 << 20;
constexpr const char* kLayout = "rocksdb 1 lrs";

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

rocksdb::Options options_for(uint64_t capacity_bytes) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kNoCompression;  // the values are counted as they are
  options.compaction_style = rocksdb::kCompactionStyleFIFO;
  options.write_buffer_size = std::min(capacity_bytes / kTablesInCapacity, kLargestTable);
  options.compaction_options_fifo.max_table_files_size =
      capacity_bytes - kTablesInMemory * options.write_buffer_size;
  // All tables are at level 0, which is no reason to slow down here.
  options.level0_slowdown_writes_trigger = options.level0_stop_writes_trigger = 1 << 20;
  options.keep_log_file_num = 1;
  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

std::string explain(const std::string& path, const rocksdb::Status& status) {
  const std::string why = status.ToString();
  if (status.IsCorruption()) return damage_text(path, why);
  if (why.find("/LOCK") != std::string::npos) {  // which has no code of its own
    return fmt::format("{} is open elsewhere ({}): end that, or name another path=", path, why);
  }
  if (why.find(std::strerror(EACCES)) != std::string::npos) return no_access_text(path, why);
  return disk_full_text(path, why);
}

// Thread-safe but for writes that depend on a read: those of one process have a lock.
struct Shared {
  std::string path;
  std::unique_ptr<rocksdb::DB> database;
  std::mutex writer;
};

class RocksdbClient final : public BlockingClient {
 public:
  RocksdbClient(Shared& shared, uint64_t largest) : shared_(shared), largest_(largest) {}

  Result execute(const Command& command, std::string& value) override;

 private:
  Result get(std::string_view key, std::string& value);
  Result write(const Command& command);
  Result put(const Command& command);
  // kHit, kMiss or a failure.
  Result look(std::string_view key);
  Result done(const rocksdb::Status& status, Outcome outcome) const {
    if (status.ok()) return {.outcome = outcome};
    return disk_failure(explain(shared_.path, status));
  }

  Shared& shared_;
  const uint64_t largest_;
  rocksdb::PinnableSlice found_;
};

BlockingClient::Result RocksdbClient::execute(const Command& command, std::string& value) {
  switch (command.kind) {
    case CommandKind::kGet:
      return get(command.key, value);
    case CommandKind::kSet:
    case CommandKind::kAdd:
    case CommandKind::kDelete:
      return write(command);
    case CommandKind::kCompareAndDelete:
    case CommandKind::kLease:
      break;
  }
  return disk_rejection("no such operation");
}

BlockingClient::Result RocksdbClient::look(std::string_view key) {
  found_.Reset();
  const rocksdb::Status status =
      shared_.database->Get({}, shared_.database->DefaultColumnFamily(), slice(key), &found_);
  if (status.IsNotFound()) return {.outcome = Outcome::kMiss};
  if (!status.ok()) return done(status, Outcome::kError);
  const bool is_there =
      found_.size() >= kExpiryBytes && !is_past(read_expiry({found_.data(), found_.size()}));
  return {.outcome = is_there ? Outcome::kHit : Outcome::kMiss};
}

BlockingClient::Result RocksdbClient::get(std::string_view key, std::string& value) {
  Result result = look(key);
  if (result.outcome == Outcome::kHit) {
    value.append(found_.data() + kExpiryBytes, found_.size() - kExpiryBytes);
  }
  return result;
}

BlockingClient::Result RocksdbClient::write(const Command& command) {
  if (command.key.size() + command.value.size() > largest_) {
    return disk_rejection("it takes items of up to an eighth of its capacity");
  }
  const std::lock_guard lock(shared_.writer);
  if (command.kind != CommandKind::kSet) {
    Result result = look(command.key);
    if (is_failure(result.outcome)) return result;
    const bool is_there = result.outcome == Outcome::kHit;
    if (command.kind == CommandKind::kAdd && is_there) return {.outcome = Outcome::kNotStored};
    if (command.kind == CommandKind::kDelete && !is_there) return {.outcome = Outcome::kNotFound};
  }
  if (command.kind != CommandKind::kDelete) return put(command);
  return done(shared_.database->Delete({}, slice(command.key)), Outcome::kDeleted);
}

BlockingClient::Result RocksdbClient::put(const Command& command) {
  const int64_t expires = expiry_of(command.ttl_ns);
  const rocksdb::Slice key = slice(command.key);
  const std::array<rocksdb::Slice, 2> parts = {
      rocksdb::Slice(reinterpret_cast<const char*>(&expires), sizeof(expires)),
      slice(command.value)};
  rocksdb::WriteBatch batch;
  batch.Put(rocksdb::SliceParts(&key, 1), rocksdb::SliceParts(parts.data(), parts.size()));
  return done(shared_.database->Write({}, &batch), Outcome::kStored);
}

class RocksdbStore final : public DiskStore {
 public:
  RocksdbStore(const std::string& path, const DiskSettings& settings)
      : capacity_(settings.capacity_bytes) {
    shared_.path = path;
    rocksdb::DB* database = nullptr;
    const rocksdb::Status status = rocksdb::DB::Open(options_for(capacity_), path, &database);
    require(status);
    shared_.database.reset(database);
  }

  std::unique_ptr<BlockingClient> connect() override {
    return std::make_unique<RocksdbClient>(shared_, capacity_ / kTablesInCapacity);
  }
  bool is_empty() override {
    const std::unique_ptr<rocksdb::Iterator> first(shared_.database->NewIterator({}));
    first->SeekToFirst();
    require(first->status());
    return !first->Valid();
  }
  AdapterState state() override;
  std::optional<uint64_t> bytes_used() override;
  void remove() override;

 private:
  void count_items(AdapterState& state);
  void require(const rocksdb::Status& status) const {
    if (!status.ok()) throw Error::failed(explain(shared_.path, status));
  }

  const uint64_t capacity_;
  Shared shared_;
};

std::optional<uint64_t> RocksdbStore::bytes_used() {
  uint64_t tables = 0, memory = 0;
  if (!shared_.database->GetIntProperty("rocksdb.live-sst-files-size", &tables) ||
      !shared_.database->GetIntProperty("rocksdb.size-all-mem-tables", &memory)) {
    return std::nullopt;
  }
  return tables + memory;
}

AdapterState RocksdbStore::state() {
  AdapterState state;
  count_items(state);
  state.bytes_used = bytes_used();
  state.disk_bytes = allocated_in(shared_.path);
  state.memory_source =
      "items and payload summed over the items; bytes used: rocksdb.live-sst-files-size and "
      "rocksdb.size-all-mem-tables; what left is not counted by it; disk: blocks of its files, by "
      "stat";
  return state;
}

void RocksdbStore::count_items(AdapterState& state) {
  state.items = state.payload_bytes = 0;
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> at(shared_.database->NewIterator(once));
  for (at->SeekToFirst(); at->Valid(); at->Next()) {
    ++*state.items;
    *state.payload_bytes += at->key().size() + at->value().size() - kExpiryBytes;
  }
  require(at->status());
}

void RocksdbStore::remove() {
  shared_.database.reset();
  rocksdb::DestroyDB(shared_.path, options_for(capacity_));
  remove_folder(shared_.path, {});
}

}  // namespace

std::unique_ptr<DiskStore> open_rocksdb_store(const std::string& path,
                                              const DiskSettings& settings) {
  claim_folder(path, kLayout);
  return std::make_unique<RocksdbStore>(path, settings);
}

std::string rocksdb_version() { return rocksdb::GetRocksVersionAsString(); }

}  // namespace cachegauge
