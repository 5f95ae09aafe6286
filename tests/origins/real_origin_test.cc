// What every origin with rows does, and what each does with a place that is not its own.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "adapters/origins/origins.h"
#include "adapters/server/private_folder.h"
#include "harness/core/event_loop.h"
#include "harness/core/origin_row.h"
#include "harness/core/virtual_scheduler.h"
#include "tests/core/expect_error.h"
#include "tests/origins/real_origin_rig.h"

namespace cachegauge {
namespace {

class RealOrigin : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (const std::string why = why_not_here(GetParam()); !why.empty()) {
      if (std::getenv("REQUIRE_SERVERS")) FAIL() << why;
      GTEST_SKIP() << why;
    }
  }
};

INSTANTIATE_TEST_SUITE_P(Kinds, RealOrigin, testing::Values("sqlite", "postgres"),
                         [](const auto& kind) { return kind.param; });

// One start for all of it: a private server takes a second.
TEST_P(RealOrigin, StoresAndLoadsRowsAndCountsThem) {
  OriginRig rig(GetParam() + ":threads=2");
  EXPECT_FALSE(rig.origin->traits().simulated);
  EXPECT_TRUE(rig.origin->traits().holds_rows);
  EXPECT_FALSE(rig.origin->traits().shared);
  EXPECT_FALSE(rig.origin->version().empty());

  // Any bytes, and none.
  const std::string key("k\0\xff'", 4), value("v\0\n\xfe", 4);
  EXPECT_EQ(rig.store(key, 3, value).outcome, Outcome::kStored);
  EXPECT_EQ(rig.store("empty", 1, "").outcome, Outcome::kStored);
  EXPECT_EQ(rig.load(key), (Row{3, value}));
  EXPECT_EQ(rig.load("empty"), (Row{1, ""}));

  // A store raises the version; one that comes too late changes nothing.
  EXPECT_EQ(rig.store(key, 2, "older").outcome, Outcome::kNotStored);
  EXPECT_EQ(rig.store(key, 3, "same").outcome, Outcome::kNotStored);
  EXPECT_EQ(rig.load(key), (Row{3, value}));
  EXPECT_EQ(rig.store(key, 4'000'000'000, "newer").outcome, Outcome::kStored);
  EXPECT_EQ(rig.load(key), (Row{4'000'000'000, "newer"}));

  const std::string large(3 << 20, 'x');
  EXPECT_EQ(rig.store("large", 1, large).outcome, Outcome::kStored);
  EXPECT_EQ(rig.load("large"), (Row{1, large}));

  EXPECT_EQ(rig.ask({.kind = CommandKind::kGet, .key = "nobody"}).outcome, Outcome::kError);
  EXPECT_EQ(rig.ask({.kind = CommandKind::kDelete, .key = key}).outcome, Outcome::kRejected);
  const auto warnings = rig.origin->take_warnings();
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_NE(warnings[0].find("there is no row of a key"), std::string::npos) << warnings[0];

  rig.origin->settle();
  const auto before = rig.figures();
  for (int i = 0; i < 100; ++i) rig.send({.kind = CommandKind::kGet, .key = key});
  for (const auto& answer : rig.run()) EXPECT_EQ(answer.outcome, Outcome::kHit);
  rig.store("another", 1, value);
  const auto after = rig.figures();
  const auto counted = [&](const char* name) { return after.at(name) - before.at(name); };
  EXPECT_EQ(counted("rows_written"), 1u);
  if (GetParam() == "sqlite") {
    EXPECT_EQ(counted("rows_read"), 100u);
    EXPECT_GE(counted("pages_hit"), 100u);
  } else {
    EXPECT_EQ(counted("queries"), 101u);  // a store looks its key up
    EXPECT_EQ(counted("database_transactions"), 101u);
    // Nor do readings count themselves, whether a connection was used since the last one or not.
    EXPECT_EQ(rig.figures().at("database_transactions"), after.at("database_transactions"));
    EXPECT_GE(counted("rows_read"), 100u);  // of a table this small all rows are looked at
    EXPECT_GE(counted("blocks_hit"), 100u);
    EXPECT_EQ(counted("blocks_read"), 0u);
  }
}

TEST_P(RealOrigin, ManyStoresAtOnceShareTransactionsAndAllArrive) {
  OriginRig rig(GetParam() + ":threads=4");
  constexpr int kRows = 500;
  std::vector<std::string> keys;
  keys.reserve(kRows);
  for (int i = 0; i < kRows; ++i) keys.push_back(fmt::format("key {}", i));
  for (const std::string& key : keys) {
    rig.send({.kind = CommandKind::kSet, .version = 1, .key = key, .value = key});
  }
  for (const auto& answer : rig.run()) EXPECT_EQ(answer.outcome, Outcome::kStored);
  for (const std::string& key : keys) rig.send({.kind = CommandKind::kGet, .key = key});
  const auto answers = rig.run();
  ASSERT_EQ(answers.size(), keys.size());
  for (int i = 0; i < kRows; ++i) {
    EXPECT_EQ(origin_row_version(answers[i].value), 1u);
    EXPECT_EQ(answers[i].value.substr(kRowVersionBytes), keys[i]);
  }
}

TEST_P(RealOrigin, HasNoPlaceInVirtualTime) {
  const auto origin = make_origin(Spec(GetParam()), OriginSettings{});
  VirtualScheduler scheduler;
  EXPECT_THROW(origin->open({.scheduler = scheduler}), Error);
}

TEST(RealOrigins, RefuseWhatTheyDoNotKnow) {
  EXPECT_ERROR(kUsage, "sqlite:threads: expected a count from 1 to 1024, got \"0\"",
               make_origin(Spec::parse("sqlite:threads=0"), OriginSettings{}));
  EXPECT_ERROR(kUsage, "sqlite:path: it is empty",
               make_origin(Spec::parse("sqlite:path="), OriginSettings{}));
  EXPECT_ERROR(kUsage,
               "profile takes simulated origins, such as --origin 50ms: because; `cachegauge run "
               "--origin sqlite` measures the real one, and says how long its calls take",
               require_simulated_origin(Spec("sqlite"), "profile", "because"));
  require_simulated_origin(parse_origin_spec("50ms"), "profile", "because");
}

// A database of somebody else's.
class SqliteFile : public testing::Test {
 protected:
  void run(const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(database);
    sqlite3_close(database);
  }
  std::vector<std::string> tables() {
    std::vector<std::string> names;
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    sqlite3_exec(
        database, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        [](void* out, int, char** row, char**) {
          static_cast<std::vector<std::string>*>(out)->push_back(row[0]);
          return 0;
        },
        &names, nullptr);
    sqlite3_close(database);
    return names;
  }
  std::string spec() const { return "sqlite:path=" + path_; }

  PrivateFolder folder_;
  std::string path_ = folder_.path() + "/app.db";
};

TEST_F(SqliteFile, AFileMadeForTheRunGoesWithIt) {
  {
    OriginRig rig(spec());
    EXPECT_TRUE(rig.origin->traits().shared);
    rig.store("k", 1, "v");
    EXPECT_TRUE(std::filesystem::exists(path_));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(SqliteFile, AFileThatWasThereKeepsItsTablesAndLosesOurs) {
  run("CREATE TABLE precious(x); INSERT INTO precious VALUES(1)");
  {
    OriginRig rig(spec());
    rig.store("k", 1, "v");
    EXPECT_EQ(tables(), (std::vector<std::string>{"cachegauge_origin", "precious"}));
  }
  EXPECT_EQ(tables(), std::vector<std::string>{"precious"});
}

TEST_F(SqliteFile, WhatAKilledRunLeftIsMadeAnew) {
  run("CREATE TABLE cachegauge_origin(key BLOB PRIMARY KEY, version INTEGER NOT NULL, value BLOB "
      "NOT NULL); INSERT INTO cachegauge_origin VALUES(x'6b', 9, x'00')");
  OriginRig rig(spec());
  EXPECT_EQ(rig.store("k", 1, "v").outcome, Outcome::kStored);
}

TEST_F(SqliteFile, ATableOfThatNameThatIsNotOursIsLeftAlone) {
  run("CREATE TABLE cachegauge_origin(x); INSERT INTO cachegauge_origin VALUES(1)");
  const auto origin = make_origin(Spec::parse(spec()), OriginSettings{});
  EXPECT_ERROR(kUsage,
               (path_ + " has a table cachegauge_origin that is not ours, and was left as it is: "
                        "name another path")
                   .c_str(),
               origin->start());
  EXPECT_EQ(tables(), std::vector<std::string>{"cachegauge_origin"});
}

TEST_F(SqliteFile, AFileThatIsNoDatabaseIsAnError) {
  FILE* file = std::fopen(path_.c_str(), "w");
  std::fputs(std::string(4096, 'x').c_str(), file);
  std::fclose(file);
  const auto origin = make_origin(Spec::parse(spec()), OriginSettings{});
  EXPECT_THROW(origin->start(), Error);
  EXPECT_EQ(std::filesystem::file_size(path_), 4096u);
}

}  // namespace
}  // namespace cachegauge
