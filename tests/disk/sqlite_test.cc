// What is SQLite's own: files that are not ours, damage, a disk that is full.
#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <filesystem>

#include "adapters/disk/sqlite_store.h"
#include "harness/core/error.h"
#include "tests/disk/support.h"

namespace cachegauge {
namespace {

void run_sql(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
}

DiskSettings settings_of(uint64_t capacity = 1 << 20) {
  return {.path = {}, .capacity_bytes = capacity, .timeout_ns = 5'000'000'000};
}

// Opens it and stops short of removing it, as a process that is killed does.
void leave_a_cache(const std::string& path, std::initializer_list<std::string_view> values) {
  const auto store = open_sqlite_store(path, settings_of());
  const auto client = store->connect();
  std::string got;
  int i = 0;
  for (const std::string_view value : values) {
    const std::string key = std::to_string(i++);
    client->execute(command_of(CommandKind::kSet, key, value), got);
  }
  EXPECT_EQ(client->commit().outcome, Outcome::kStored);
}

std::string refusal(const std::string& spec) {
  try {
    start_disk(spec, shared_server());
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "none";
}

class Sqlite : public testing::Test {
 protected:
  std::string spec() const { return "sqlite:path=" + path_; }
  TemporaryDirectory directory_;
  const std::string path_ = directory_.path("cache.db");
};

TEST_F(Sqlite, AnotherProgramsDatabaseIsLeftAsItIs) {
  run_sql(path_, "CREATE TABLE precious(a); INSERT INTO precious VALUES(1)");
  const std::string before = read_file(path_);
  EXPECT_EQ(refusal(spec()), path_ +
                                 " is not a cache of cachegauge's, and was left as it is: name "
                                 "another path");
  EXPECT_EQ(read_file(path_), before);
  EXPECT_EQ(count_files(directory_.path("")), 1u);
}

TEST_F(Sqlite, AFileThatIsNoDatabaseIsLeftAsItIs) {
  for (const std::string text : {"short",
                                 "a text that is longer than the header of a database, "
                                 "which has a hundred bytes, and so it goes on and on"}) {
    write_file(path_, text);
    EXPECT_NE(refusal(spec()).find("is not a cache"), std::string::npos);
    EXPECT_EQ(read_file(path_), text);
  }
}

TEST_F(Sqlite, AnotherPolicysLayoutIsRefused) {
  leave_a_cache(path_, {"v"});
  EXPECT_EQ(refusal(spec() + ",policy=lfu"),
            path_ + " was laid out for policy=lrs: say so, or name another path");
}

TEST_F(Sqlite, AnEmptyFileThatWasThereIsUsedAndStays) {
  write_file(path_, "");
  {
    Rig rig(start_disk(spec()));
    EXPECT_TRUE(rig.adapter->shares_keyspace());
    EXPECT_EQ(rig.set("k", "v").outcome, Outcome::kStored);
  }
  EXPECT_TRUE(std::filesystem::exists(path_));
}

// Pages overwritten in the middle: errors that say so, and neither a crash nor a wrong value.
TEST_F(Sqlite, DamageIsCountedAndNamed) {
  std::vector<std::string_view> values(2000, "the value of this item");
  {
    const auto store = open_sqlite_store(path_, settings_of());
    const auto client = store->connect();
    std::string got;
    for (int i = 0; i < 2000; ++i) {
      const std::string key = std::to_string(i);
      client->execute(command_of(CommandKind::kSet, key, values[0]), got);
    }
    client->commit();
  }
  std::string bytes = read_file(path_);
  ASSERT_GT(bytes.size(), 20u * 4096);
  for (size_t i = size_t{4096} * 10; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7);
  write_file(path_, bytes);
  const auto store = open_sqlite_store(path_, settings_of());
  const auto client = store->connect();
  uint64_t errors = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string key = std::to_string(i);
    std::string got;
    const auto result = client->execute(get_of(key), got);
    ASSERT_EQ(got, result.outcome == Outcome::kHit ? values[0] : "");
    if (result.outcome != Outcome::kError) continue;
    ++errors;
    ASSERT_NE(result.text.find("is damaged"), std::string::npos) << result.text;
  }
  EXPECT_GT(errors, 0u);
}

TEST_F(Sqlite, AValueFileThatIsNotWhatItWasIsAMiss) {
  const std::string large(100'000, 'v');
  leave_a_cache(path_, {large, large});
  bool first = true;
  for (const auto& file : std::filesystem::directory_iterator(path_ + "-values")) {
    std::string bytes = large;
    bytes[5000] = 'x';
    first ? write_file(file.path(), bytes) : std::filesystem::resize_file(file.path(), 10);
    first = false;
  }
  const auto store = open_sqlite_store(path_, settings_of());
  const auto client = store->connect();
  for (const char* key : {"0", "1"}) {
    std::string got;
    EXPECT_EQ(client->execute(get_of(key), got).outcome, Outcome::kMiss);
    EXPECT_EQ(got, "");
  }
}

TEST_F(Sqlite, OrphansAndRowsWithoutFilesAreSweptAtOpen) {
  const std::string large(100'000, 'v');
  leave_a_cache(path_, {large, "small", large});
  const std::string folder = path_ + "-values";
  const auto one = std::filesystem::directory_iterator(folder)->path();
  std::filesystem::rename(one, folder + "/0123456789abcdef");
  write_file(folder + "/README", "of somebody else");
  const auto store = open_sqlite_store(path_, settings_of());
  EXPECT_EQ(store->state().items, 2u);
  EXPECT_EQ(count_files(folder), 2u);
  EXPECT_TRUE(std::filesystem::exists(folder + "/README"));
}

TEST_F(Sqlite, AFolderOfValuesWithoutADatabaseIsLeftAsItIs) {
  const std::string folder = path_ + "-values";
  std::filesystem::create_directory(folder);
  write_file(folder + "/0123456789abcdef", "of somebody else");
  EXPECT_NE(refusal(spec()).find(folder + " is not a cache"), std::string::npos);
  EXPECT_EQ(count_files(folder), 1u);
  EXPECT_EQ(count_files(directory_.path("")), 1u);
}

// As `ulimit -f` sets it; a full disk answers the same way.
TEST_F(Sqlite, ALargeValueThatDoesNotFitOnTheDiskLeavesNoFile) {
  const pid_t child = fork();
  if (child == 0) {
    Rig rig(start_disk(spec()));
    const rlimit limit{300'000, 300'000};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0) _exit(2);
    if (rig.set("large", std::string(400'000, 'v')).outcome != Outcome::kError) _exit(3);
    if (count_files(path_ + "-values") != 0) _exit(4);
    if (!any_contains(rig.adapter->take_warnings(), "free space on its disk")) _exit(5);
    if (rig.set("small", "v").outcome != Outcome::kStored) _exit(6);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Sqlite, ALockOfAnotherProcessIsWaitedForUntilTheTimeout) {
  Rig rig(start_disk(spec(), timeout_of(200'000'000)));
  rig.set("k", "v");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(rig.get("k").value, "v");
  EXPECT_EQ(rig.set("k", "w").outcome, Outcome::kTimeout);
  EXPECT_EQ(rig.get("k").value, "v");
  std::thread release([&] {
    run_for(*std::make_unique<EventLoop>(), 50);
    sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
  });
  EXPECT_EQ(rig.set("k", "w").outcome, Outcome::kStored);
  release.join();
  sqlite3_close(other);
  EXPECT_EQ(rig.get("k").value, "w");
}

TEST(SqliteSpec, AnUnknownPolicyListsThoseThereAre) {
  EXPECT_THROW(make_disk("sqlite:capacity=10KiB"), Error);
  EXPECT_THROW(make_disk("sqlite:path="), Error);
  try {
    make_disk("sqlite:policy=stored");
    FAIL();
  } catch (const Error& error) {
    for (const char* name : {"lrs", "lru", "lfu"}) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

}  // namespace
}  // namespace cachegauge
