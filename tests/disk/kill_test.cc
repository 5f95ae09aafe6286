// A process that stores is killed at random moments. What it leaves must open, hold no wrong value,
// nothing older than what was acknowledged, and no file that no row names; and the next goes on in
// it. CACHEGAUGE_KILLS sets how many kills of each (20).
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <random>
#include <thread>
#include <utility>

#include "adapters/disk/lmdb_store.h"
#include "adapters/disk/rocksdb_store.h"
#include "adapters/disk/sqlite_store.h"
#include "adapters/disk/value_files.h"
#include "harness/core/random.h"
#include "tests/disk/support.h"

namespace cachegauge {
namespace {

constexpr int kKeys = 64, kThreads = 2;
constexpr uint64_t kRoomForAll = 64 << 20;
constexpr uint64_t kTight = 2 << 20;

struct Engine {
  const char* name;
  std::unique_ptr<DiskStore> (*open)(const std::string& path, const DiskSettings& settings);
};

// Shared with the process that is killed. Versions rise; a key belongs to one thread.
struct Progress {
  std::atomic<uint64_t> commands;
  struct Key {
    std::atomic<uint64_t> begun, acknowledged;  // versions; a delete has one as well
    std::atomic<bool> is_there;  // a set was acknowledged, and nothing has been begun since
  } keys[kKeys];
};

Progress& make_progress() {
  void* memory =
      mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return *new (memory) Progress();
}

std::string key_of(int key) { return "key " + std::to_string(key); }

// Key, version and size, then bytes that follow from them.
std::string value_of(uint64_t key, uint64_t version, uint64_t size) {
  const uint64_t header[] = {key, version, size};
  SplitMix64 bytes(key * 1000003 + version);
  std::string value(reinterpret_cast<const char*>(header), sizeof(header));
  while (value.size() < size) {
    const uint64_t word = bytes.next();
    value.append(reinterpret_cast<const char*>(&word), sizeof(word));
  }
  value.resize(std::max(size, sizeof(header)));
  return value;
}

void store_forever(DiskStore& store, Progress& progress, int thread, uint64_t seed) {
  const auto client = store.connect();
  SplitMix64 random(seed + static_cast<uint64_t>(thread));
  std::string got;
  for (;;) {
    struct Held {
      int number;
      uint64_t version;
      bool is_set;
    };
    std::vector<Held> held;  // a transaction of one command or several
    for (uint64_t left = 1 + random.below(4); left > 0; --left) {
      const auto number = static_cast<int>(random.below(kKeys / kThreads)) * kThreads + thread;
      Progress::Key& key = progress.keys[number];
      const std::string name = key_of(number);
      const bool deletes = random.below(10) == 0;
      const uint64_t version = key.begun.load() + 1;
      key.is_there = false;
      key.begun = version;
      const uint64_t size =
          random.below(4) == 0 ? 30'000 + random.below(60'000) : random.below(500);
      const std::string value = value_of(static_cast<uint64_t>(number), version, size);
      const Command command = deletes ? command_of(CommandKind::kDelete, name)
                                      : command_of(CommandKind::kSet, name, value);
      if (is_failure(client->execute(command, got).outcome)) _exit(3);
      held.push_back({number, version, !deletes});
      progress.commands.fetch_add(1);
    }
    if (is_failure(client->commit().outcome)) _exit(4);
    for (const Held& one : held) {
      progress.keys[one.number].acknowledged = one.version;
      progress.keys[one.number].is_there = one.is_set;
    }
  }
}

[[noreturn]] void run_victim(const Engine& engine, const std::string& path,
                             const DiskSettings& settings, Progress& progress, uint64_t seed) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto store = engine.open(path, settings);
  std::thread other([&] { store_forever(*store, progress, 1, seed); });
  store_forever(*store, progress, 0, seed);
  _exit(5);
}

int64_t query(const std::string& path, const char* sql, std::string* text = nullptr) {
  sqlite3* database = nullptr;
  sqlite3_stmt* statement = nullptr;
  EXPECT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_prepare_v2(database, sql, -1, &statement, nullptr), SQLITE_OK);
  EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
  const int64_t number = sqlite3_column_int64(statement, 0);
  if (text) *text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
  sqlite3_finalize(statement);
  sqlite3_close(database);
  return number;
}

// What is found is what the next process begins with: the sets after it came to nothing.
void check_value(Progress::Key& key, int number, const std::string& value) {
  uint64_t header[3];
  ASSERT_GE(value.size(), sizeof(header));
  std::memcpy(header, value.data(), sizeof(header));
  const auto [named, version, size] = header;
  ASSERT_EQ(named, static_cast<uint64_t>(number));
  ASSERT_GE(version, key.acknowledged.load());
  ASSERT_LE(version, key.begun.load());
  ASSERT_EQ(value, value_of(named, version, size));
  key.acknowledged = version;
}

// It opens with room for all: what it finds stays for the next victim.
void check_what_is_left(const Engine& engine, const std::string& path, DiskSettings settings,
                        Progress& progress) {
  const bool evicts = std::exchange(settings.capacity_bytes, kRoomForAll) != kRoomForAll;
  const auto store = engine.open(path, settings);
  const auto client = store->connect();
  uint64_t hits = 0;
  for (int number = 0; number < kKeys; ++number) {
    Progress::Key& key = progress.keys[number];
    const std::string name = key_of(number);
    std::string value;
    const Outcome outcome = client->execute(get_of(name), value).outcome;
    ASSERT_TRUE(outcome == Outcome::kHit || outcome == Outcome::kMiss);
    if (outcome == Outcome::kHit) {
      ++hits;
      check_value(key, number, value);
      if (testing::Test::HasFatalFailure()) return;
    } else {
      ASSERT_TRUE(evicts || !key.is_there) << name << " was acknowledged, and is gone";
      key.acknowledged = key.begun.load();
    }
    key.is_there = outcome == Outcome::kHit;
  }
  EXPECT_EQ(store->state().items.value_or(hits), hits);
}

// What SQLite itself says, and whether files and rows agree.
void check_database(const std::string& path) {
  std::string integrity;
  query(path, "PRAGMA integrity_check", &integrity);
  EXPECT_EQ(integrity, "ok");
  EXPECT_EQ(query(path, "SELECT count(*) FROM item WHERE file IS NOT NULL"),
            static_cast<int64_t>(count_files(path + "-values")));
  EXPECT_EQ(query(path, "SELECT file_bytes FROM total"),
            static_cast<int64_t>(ValueFiles(path + "-values").disk_bytes()));
}

// In a process of its own: RocksDB's background threads would not be there in the next victim.
bool is_well(const Engine& engine, const std::string& path, const DiskSettings& settings,
             Progress& progress) {
  const pid_t checker = fork();
  if (checker == 0) {
    check_what_is_left(engine, path, settings, progress);
    if (engine.open == open_sqlite_store) check_database(path);
    _exit(testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  return waitpid(checker, &status, 0) == checker && status == 0;
}

class Kill : public testing::TestWithParam<Engine> {};

TEST_P(Kill, NothingWrongIsLeftBehind) {
  const Engine& engine = GetParam();
  const char* wanted = std::getenv("CACHEGAUGE_KILLS");
  const int kills = wanted ? std::atoi(wanted) : 20;
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SplitMix64 random(seed);
  const TemporaryDirectory directory;
  const std::string path = directory.path("cache.db");
  Progress& progress = make_progress();
  uint64_t with_commands = 0;
  for (int kill_number = 0; kill_number < kills; ++kill_number) {
    const DiskSettings settings{.path = {},
                                .capacity_bytes = kill_number % 2 == 0 ? kTight : kRoomForAll,
                                .timeout_ns = 5'000'000'000};
    progress.commands = 0;
    const pid_t victim = fork();
    if (victim == 0) run_victim(engine, path, settings, progress, random.next());
    // Some while it opens, most at a random command, and at a random point of it.
    const uint64_t until = random.below(8) == 0 ? 0 : random.below(300);
    const uint64_t spins = random.below(200'000);
    while (progress.commands.load() < until && waitpid(victim, nullptr, WNOHANG) == 0) {
    }
    for (std::atomic<uint64_t> spin = 0; spin < spins; ++spin) {
    }
    kill(victim, SIGKILL);
    int status = 0;
    ASSERT_EQ(waitpid(victim, &status, 0), victim);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
    with_commands += progress.commands > 0;
    ASSERT_TRUE(is_well(engine, path, settings, progress)) << "after kill " << kill_number;
  }
  EXPECT_GT(with_commands, static_cast<uint64_t>(kills) / 2);
  munmap(&progress, sizeof(progress));
}

void PrintTo(const Engine& engine, std::ostream* out) { *out << engine.name; }

constexpr Engine kEngines[] = {
    {"sqlite", open_sqlite_store}, {"lmdb", open_lmdb_store}, {"rocksdb", open_rocksdb_store}};
INSTANTIATE_TEST_SUITE_P(Disk, Kill, testing::ValuesIn(kEngines),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cachegauge
