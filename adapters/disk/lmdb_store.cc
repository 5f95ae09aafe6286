#include "adapters/disk/lmdb_store.h"

#include <fmt/format.h>
#include <lmdb.h>

#include <array>
#include <bit>
#include <cerrno>
#include <utility>

#include "adapters/disk/disk_errors.h"
#include "adapters/disk/disk_folder.h"
#include "adapters/disk/transaction_client.h"
#include "harness/core/error.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr int kLmdbLayoutVersion = 1;
constexpr unsigned kMostClients = 4096;
constexpr uint64_t kItemBytes = 96;  // about what an item takes beside key and value, in all trees

MDB_val val(const void* data, size_t size) { return {size, const_cast<void*>(data)}; }
MDB_val val(const uint64_t& number) { return val(&number, sizeof(number)); }

uint64_t number(const MDB_val& v) {
  uint64_t result = 0;
  std::memcpy(&result, v.mv_data, sizeof(result));
  return result;
}

// What lies under the hash of a key: expiry, size of the key, key, value.
struct Record {
  static constexpr size_t kHeaderBytes = kExpiryBytes + sizeof(uint64_t);
  int64_t expires = 0;
  std::string_view key, value;

  // 0, or MDB_CORRUPTED.
  static int parse(const MDB_val& v, Record& record) {
    const std::string_view bytes(static_cast<const char*>(v.mv_data), v.mv_size);
    if (bytes.size() < kHeaderBytes) return MDB_CORRUPTED;
    uint64_t key_size = 0;
    std::memcpy(&key_size, bytes.data() + kExpiryBytes, sizeof(key_size));
    if (key_size > bytes.size() - kHeaderBytes) return MDB_CORRUPTED;
    record = {read_expiry(bytes), bytes.substr(kHeaderBytes, key_size),
              bytes.substr(kHeaderBytes + key_size)};
    return 0;
  }
  static size_t size(const Command& c) { return kHeaderBytes + c.key.size() + c.value.size(); }
  static void write(const Command& c, int64_t expires, char* out) {
    const uint64_t key_size = c.key.size();
    std::memcpy(out, &expires, kExpiryBytes);
    std::memcpy(out + kExpiryBytes, &key_size, sizeof(key_size));
    out += kHeaderBytes;
    if (!c.key.empty()) std::memcpy(out, c.key.data(), c.key.size());
    if (!c.value.empty()) std::memcpy(out + c.key.size(), c.value.data(), c.value.size());
  }
};

// In the order of time: big-endian, then the hash.
struct ExpiryKey {
  std::array<uint64_t, 2> words;
  ExpiryKey(int64_t expires, uint64_t hash)
      : words{__builtin_bswap64(static_cast<uint64_t>(expires)), hash} {}
  MDB_val mdb() const { return val(words.data(), sizeof(words)); }
};

struct LmdbShared : TransactionShared {
  using TransactionShared::TransactionShared;
  struct Close {
    void operator()(MDB_env* opened) const { mdb_env_close(opened); }
  };
  std::unique_ptr<MDB_env, Close> environment;
  MDB_dbi items = 0, ranks = 0, order = 0, expiries = 0;
};

std::string explain_lmdb(const std::string& path, int code) {
  const char* why = mdb_strerror(code);
  switch (code) {
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_INVALID:
    case MDB_PANIC:
      return damage_text(path, why);
    case EACCES:
    case EROFS:
      return no_access_text(path, why);
    default:
      return disk_full_text(path, why);
  }
}

int used_bytes(const LmdbShared& shared, MDB_txn* transaction, uint64_t& bytes) {
  bytes = 0;
  for (const MDB_dbi tree : {shared.items, shared.ranks, shared.order, shared.expiries}) {
    MDB_stat stat;
    if (const int code = mdb_stat(transaction, tree, &stat); code != 0) return code;
    bytes += (stat.ms_branch_pages + stat.ms_leaf_pages + stat.ms_overflow_pages) *
             uint64_t{stat.ms_psize};
  }
  return 0;
}

class LmdbClient final : public TransactionClient {
 public:
  explicit LmdbClient(LmdbShared& shared) : TransactionClient(shared), shared_(shared) {
    const int code = mdb_txn_begin(shared.environment.get(), nullptr, MDB_RDONLY, &reading_);
    if (code != 0) throw Error::failed(explain_lmdb(shared.path, code));
    mdb_txn_reset(reading_);
  }
  ~LmdbClient() override {
    finish();
    mdb_txn_abort(reading_);
  }

 private:
  Result get(const Command& command, std::string& value) override;
  int begin_transaction() override;
  int commit_transaction() override { return mdb_txn_commit(std::exchange(writing_, nullptr)); }
  void abort_transaction() override {
    if (writing_) mdb_txn_abort(std::exchange(writing_, nullptr));
  }
  int find(std::string_view key, std::optional<Found>& found) override;
  int remove(int64_t item) override;
  int insert(const Command& command, int64_t uses) override;
  int note_use(const Touch& touch) override;
  int delete_expired(int64_t most, uint64_t& deleted) override;
  int delete_victims(int64_t most, uint64_t& deleted) override;
  int read_bytes_used(uint64_t& bytes) override { return used_bytes(shared_, writing_, bytes); }
  // Pages of a large value are given back with it, and others with their last item.
  int64_t victims_at_once() const override { return 4; }
  uint64_t charge(const Command& command) const override {
    return command.key.size() + command.value.size() + kItemBytes;
  }
  Result explain(int code) const override { return disk_failure(explain_lmdb(shared_.path, code)); }

  // The first entry of a tree.
  int first(MDB_dbi tree, MDB_val& key, MDB_val& data);

  LmdbShared& shared_;
  MDB_txn* reading_ = nullptr;
  MDB_txn* writing_ = nullptr;
};

BlockingClient::Result LmdbClient::get(const Command& command, std::string& value) {
  MDB_txn* const transaction = writing_ ? writing_ : reading_;
  int code = writing_ ? 0 : mdb_txn_renew(reading_);
  if (code != 0) return explain(code);
  const uint64_t hash = hash_text_key(command.key);
  MDB_val key = val(hash), data;
  code = mdb_get(transaction, shared_.items, &key, &data);
  bool is_hit = false;
  Record record;
  if (code == 0) code = Record::parse(data, record);
  if (code == 0) {
    is_hit = record.key == command.key && !is_past(record.expires);
    if (is_hit) value.append(record.value);
  }
  if (!writing_) mdb_txn_reset(reading_);
  if (code != 0 && code != MDB_NOTFOUND) return explain(code);
  if (!is_hit) return {.outcome = Outcome::kMiss};
  if (notes_uses()) note_hit(std::bit_cast<int64_t>(hash), shared_.tick());
  return {.outcome = Outcome::kHit};
}

// Ranks rise above those that are there, whatever the clock does between two runs.
int LmdbClient::begin_transaction() {
  int code = mdb_txn_begin(shared_.environment.get(), nullptr, 0, &writing_);
  if (code != 0) return code;
  MDB_cursor* cursor = nullptr;
  MDB_val key, data;
  code = mdb_cursor_open(writing_, shared_.order, &cursor);
  if (code == 0) {
    code = mdb_cursor_get(cursor, &key, &data, MDB_LAST);
    if (code == 0) shared_.raise_clock(static_cast<int64_t>(number(key)));
    mdb_cursor_close(cursor);
  }
  if (code == MDB_NOTFOUND) code = 0;
  if (code != 0) abort_transaction();
  return code;
}

int LmdbClient::find(std::string_view key, std::optional<Found>& found) {
  const uint64_t hash = hash_text_key(key);
  MDB_val at = val(hash), data;
  int code = mdb_get(writing_, shared_.items, &at, &data);
  if (code != 0) return code == MDB_NOTFOUND ? 0 : code;
  Record record;
  if (code = Record::parse(data, record); code != 0) return code;
  found = {.item = std::bit_cast<int64_t>(hash),
           .is_ours = record.key == key,
           .expired = is_past(record.expires),
           .uses = 0};
  return 0;
}

int LmdbClient::remove(int64_t item) {
  const auto hash = std::bit_cast<uint64_t>(item);
  MDB_val key = val(hash), data;
  int code = mdb_get(writing_, shared_.items, &key, &data);
  Record record;
  if (code == 0) code = Record::parse(data, record);
  if (code != 0) return code;
  const ExpiryKey expiry(record.expires, hash);
  if (expiry.words[0] != 0) {
    MDB_val at = expiry.mdb();
    code = mdb_del(writing_, shared_.expiries, &at, nullptr);
  }
  if (code == 0) code = mdb_del(writing_, shared_.items, &key, nullptr);
  if (code == 0) code = mdb_get(writing_, shared_.ranks, &key, &data);
  if (code != 0) return code;
  const uint64_t rank = number(data);
  MDB_val at = val(rank);
  code = mdb_del(writing_, shared_.order, &at, nullptr);
  return code == 0 ? mdb_del(writing_, shared_.ranks, &key, nullptr) : code;
}

int LmdbClient::insert(const Command& command, int64_t) {
  const uint64_t hash = hash_text_key(command.key);
  const auto rank = static_cast<uint64_t>(shared_.tick());
  const int64_t expires = expiry_of(command.ttl_ns);
  MDB_val key = val(hash), at = val(rank), data = val(nullptr, Record::size(command));
  int code = mdb_put(writing_, shared_.items, &key, &data, MDB_RESERVE);
  if (code != 0) return code;
  Record::write(command, expires, static_cast<char*>(data.mv_data));
  code = mdb_put(writing_, shared_.ranks, &key, &at, 0);
  if (code == 0) code = mdb_put(writing_, shared_.order, &at, &key, MDB_APPEND);
  if (code != 0 || expires == 0) return code;
  const ExpiryKey expiry(expires, hash);
  MDB_val when = expiry.mdb(), nothing = val("", 0);
  return mdb_put(writing_, shared_.expiries, &when, &nothing, 0);
}

int LmdbClient::note_use(const Touch& touch) {
  const auto hash = std::bit_cast<uint64_t>(touch.item);
  const auto latest = static_cast<uint64_t>(touch.latest_ns);
  MDB_val key = val(hash), data;
  int code = mdb_get(writing_, shared_.ranks, &key, &data);
  if (code != 0) return code == MDB_NOTFOUND ? 0 : code;
  const uint64_t rank = number(data);
  if (rank >= latest) return 0;
  MDB_val before = val(rank), now = val(latest);
  code = mdb_del(writing_, shared_.order, &before, nullptr);
  if (code == 0) code = mdb_put(writing_, shared_.order, &now, &key, 0);
  return code == 0 ? mdb_put(writing_, shared_.ranks, &key, &now, 0) : code;
}

int LmdbClient::first(MDB_dbi tree, MDB_val& key, MDB_val& data) {
  MDB_cursor* cursor = nullptr;
  int code = mdb_cursor_open(writing_, tree, &cursor);
  if (code != 0) return code;
  code = mdb_cursor_get(cursor, &key, &data, MDB_FIRST);
  mdb_cursor_close(cursor);
  return code;
}

int LmdbClient::delete_expired(int64_t most, uint64_t& deleted) {
  for (int64_t i = 0; i < most; ++i) {
    MDB_val key, data;
    const int code = first(shared_.expiries, key, data);
    if (code != 0) return code == MDB_NOTFOUND ? 0 : code;
    std::array<uint64_t, 2> words;
    std::memcpy(words.data(), key.mv_data, sizeof(words));
    if (!is_past(static_cast<int64_t>(__builtin_bswap64(words[0])))) return 0;
    if (const int problem = remove(std::bit_cast<int64_t>(words[1])); problem != 0) return problem;
    ++deleted;
  }
  return 0;
}

int LmdbClient::delete_victims(int64_t most, uint64_t& deleted) {
  for (int64_t i = 0; i < most; ++i) {
    MDB_val key, data;
    const int code = first(shared_.order, key, data);
    if (code != 0) return code == MDB_NOTFOUND ? 0 : code;
    if (const int problem = remove(std::bit_cast<int64_t>(number(data))); problem != 0) {
      return problem;
    }
    ++deleted;
  }
  return 0;
}

class LmdbStore final : public DiskStore {
 public:
  LmdbStore(const std::string& path, const DiskSettings& settings) : shared_(path, settings) {
    open_environment();
    open_trees();
  }

  std::unique_ptr<BlockingClient> connect() override {
    return std::make_unique<LmdbClient>(shared_);
  }
  bool is_empty() override { return state().items == 0; }
  AdapterState state() override;
  std::optional<uint64_t> bytes_used() override;
  void remove() override {
    shared_.environment.reset();
    remove_folder(shared_.path, {"data.mdb", "lock.mdb"});
  }

 private:
  void open_environment();
  void open_trees();
  void require(int code) const {
    if (code != 0) throw Error::failed(explain_lmdb(shared_.path, code));
  }
  // Runs work(transaction) in one that reads.
  template <class Work>
  int read(Work&& work);

  LmdbShared shared_;
};

// The map is address space and not memory: room for the pages in use, for those that a transaction
// replaces, and for those that wait to be used again.
void LmdbStore::open_environment() {
  constexpr uint64_t kSpare = 64 << 20;
  MDB_env* environment = nullptr;
  require(mdb_env_create(&environment));
  shared_.environment.reset(environment);
  require(mdb_env_set_mapsize(environment, 2 * shared_.settings.capacity_bytes + kSpare));
  require(mdb_env_set_maxdbs(environment, 4));
  require(mdb_env_set_maxreaders(environment, kMostClients));
  require(mdb_env_open(environment, shared_.path.c_str(), MDB_NOTLS | MDB_NOSYNC, 0600));
}

void LmdbStore::open_trees() {
  MDB_txn* transaction = nullptr;
  require(mdb_txn_begin(shared_.environment.get(), nullptr, 0, &transaction));
  constexpr unsigned kNumbers = MDB_CREATE | MDB_INTEGERKEY;
  int code = mdb_dbi_open(transaction, "item", kNumbers, &shared_.items);
  if (code == 0) code = mdb_dbi_open(transaction, "rank", kNumbers, &shared_.ranks);
  if (code == 0) code = mdb_dbi_open(transaction, "order", kNumbers, &shared_.order);
  if (code == 0) code = mdb_dbi_open(transaction, "expiry", MDB_CREATE, &shared_.expiries);
  if (code != 0) {
    mdb_txn_abort(transaction);
    require(code);
  }
  require(mdb_txn_commit(transaction));
}

template <class Work>
int LmdbStore::read(Work&& work) {
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(shared_.environment.get(), nullptr, MDB_RDONLY, &transaction);
  if (code != 0) return code;
  code = work(transaction);
  mdb_txn_abort(transaction);
  return code;
}

std::optional<uint64_t> LmdbStore::bytes_used() {
  uint64_t bytes = 0;
  const int code = read([&](MDB_txn* txn) { return used_bytes(shared_, txn, bytes); });
  return code == 0 ? std::optional(bytes) : std::nullopt;
}

AdapterState LmdbStore::state() {
  AdapterState state;
  state.items = state.payload_bytes = 0;
  require(read([&](MDB_txn* transaction) {
    MDB_cursor* cursor = nullptr;
    int code = mdb_cursor_open(transaction, shared_.items, &cursor);
    if (code != 0) return code;
    MDB_val key, data;
    while ((code = mdb_cursor_get(cursor, &key, &data, MDB_NEXT)) == 0) {
      ++*state.items;
      *state.payload_bytes += data.mv_size - Record::kHeaderBytes;
    }
    mdb_cursor_close(cursor);
    return code == MDB_NOTFOUND ? 0 : code;
  }));
  state.evictions = shared_.evictions.load();
  state.expirations = shared_.expirations.load();
  state.bytes_used = bytes_used();
  state.disk_bytes = allocated_in(shared_.path);
  state.memory_source =
      "items and payload summed over the items; bytes used: pages in use, by mdb_stat; disk: "
      "blocks of its files, by stat";
  return state;
}

}  // namespace

std::unique_ptr<DiskStore> open_lmdb_store(const std::string& path, const DiskSettings& settings) {
  claim_folder(path,
               fmt::format("lmdb {} {}", kLmdbLayoutVersion, disk_policy_name(settings.policy)));
  return std::make_unique<LmdbStore>(path, settings);
}

std::string lmdb_version() {
  return fmt::format("{}.{}.{}", MDB_VERSION_MAJOR, MDB_VERSION_MINOR, MDB_VERSION_PATCH);
}

}  // namespace cachegauge
