// PostgreSQL's own: connection strings, databases of others, and a server that goes away.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "adapters/origins/origins.h"
#include "adapters/origins/postgres_connection.h"
#include "tests/core/expect_error.h"
#include "tests/origins/real_origin_rig.h"
#include "tests/origins/running_postgres.h"

namespace cachegauge {
namespace {

std::string error_of(Origin& origin) {
  try {
    origin.start();
  } catch (const Error& error) {
    return error.what();
  }
  return "none";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(PostgresDsn, ABadOneIsAnErrorWithoutAWordOfIt) {
  for (const char* dsn : {"password=hunter2 hunter2", "hunter2", "postgresql://u:hunter2@[::1/d",
                          "nonsense=hunter2"}) {
    try {
      parse_postgres_target(dsn, kPostgresTimeoutNs);
      ADD_FAILURE() << dsn;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ExitCode::kUsage);
      EXPECT_TRUE(std::string_view(error.what())
                      .starts_with("postgres:dsn: this is no connection string of PostgreSQL's: "
                                   "expected postgresql://"));
      EXPECT_FALSE(contains(error.what(), "hunter2")) << error.what();
    }
  }
}

TEST(PostgresDsn, SettingsOfAPrivateServerAreNotARunningOnes) {
  EXPECT_ERROR(
      kUsage,
      "postgres:binary= is of a private server, and dsn= names a running one: leave one of "
      "them out",
      make_origin(Spec::parse("postgres:dsn=host=h,binary=postgres"), OriginSettings{}));
  EXPECT_ERROR(kUsage, "postgres: dsn= and url= say the same: give one of them",
               make_origin(Spec::parse("postgres:dsn=host=h,url=postgres://h"), OriginSettings{}));
}

TEST(PostgresDsn, NobodyThereIsAnErrorThatSaysWhatToDoAndNotThePassword) {
  const auto origin = make_origin(
      Spec::parse("postgres:dsn=host=127.0.0.1 port=1 user=me password=hunter2"), OriginSettings{});
  EXPECT_TRUE(origin->traits().shared);
  const std::string error = error_of(*origin);
  EXPECT_TRUE(contains(error, "127.0.0.1")) << error;
  EXPECT_TRUE(contains(error, "is the server up")) << error;
  EXPECT_FALSE(contains(error, "hunter2")) << error;
  EXPECT_FALSE(contains(origin->spec().redacted(), "hunter2"));
}

TEST(PostgresOrigin, LeavesADatabaseAsItWas) {
  REQUIRE_POSTGRES();
  RunningPostgres postgres;
  postgres.run("CREATE TABLE precious(x int)");
  {
    OriginRig rig(postgres.spec());
    EXPECT_TRUE(rig.origin->traits().shared);
    EXPECT_EQ(rig.store("k", 1, "v").outcome, Outcome::kStored);
    EXPECT_EQ(postgres.count("cachegauge.origin"), 1u);
    EXPECT_ERROR(kUsage,
                 "postgres: another run of cachegauge has its rows in this database: wait for its "
                 "end, or name another database",
                 postgres.origin()->start());
    EXPECT_EQ(postgres.count("cachegauge.origin"), 1u);
  }
  EXPECT_EQ(postgres.schemas(), 0u);
  EXPECT_EQ(postgres.count("precious"), 0u);

  // A schema of that name that is not ours.
  postgres.run("CREATE SCHEMA cachegauge; CREATE TABLE cachegauge.origin(x int)");
  EXPECT_ERROR(kUsage,
               "postgres: the database has a schema \"cachegauge\" that is not ours, and was left "
               "as it is: rename it, or name another database",
               postgres.origin()->start());
  EXPECT_EQ(postgres.count("cachegauge.origin"), 0u);
  postgres.run("DROP SCHEMA cachegauge CASCADE");

  // What a killed run has left.
  postgres.run(
      "CREATE SCHEMA cachegauge; COMMENT ON SCHEMA cachegauge IS "
      "'made by cachegauge for an origin, and removed with it'; "
      "CREATE TABLE cachegauge.origin(key bytea PRIMARY KEY, version bigint, value bytea); "
      "INSERT INTO cachegauge.origin VALUES('k', 9, 'x')");
  {
    OriginRig rig(postgres.spec());
    EXPECT_EQ(rig.store("k", 1, "v").outcome, Outcome::kStored);
    EXPECT_EQ(rig.load("k"), (Row{1, "v"}));
  }
  EXPECT_EQ(postgres.schemas(), 0u);

  const std::string error = error_of(*postgres.origin(" dbname=nowhere password=hunter2"));
  EXPECT_TRUE(contains(error, "database \"nowhere\" does not exist")) << error;
  EXPECT_FALSE(contains(error, "hunter2")) << error;
}

TEST(PostgresOrigin, ASlowCallTimesOutAndADeadServerIsTold) {
  REQUIRE_POSTGRES();
  RunningPostgres postgres;
  OriginRig rig(postgres.spec(), 300'000'000);
  rig.store("k", 1, "v");
  {
    PostgresConnection other(parse_postgres_target(
        postgres.spec().substr(postgres.spec().find("host=")), kPostgresTimeoutNs));
    other.run("BEGIN; LOCK TABLE cachegauge.origin IN ACCESS EXCLUSIVE MODE");
    const auto reply = rig.ask({.kind = CommandKind::kGet, .key = "k"});
    EXPECT_EQ(reply.outcome, Outcome::kTimeout);
    EXPECT_GE(reply.completed_ns - reply.started_ns, 290'000'000);
  }
  EXPECT_EQ(rig.load("k"), (Row{1, "v"}));

  postgres.die();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(is_failure(rig.ask({.kind = CommandKind::kGet, .key = "k"}).outcome));
  }
  EXPECT_TRUE(rig.origin->figures().empty());
  const auto warnings = rig.origin->take_warnings();
  EXPECT_TRUE(std::ranges::any_of(warnings, [](const std::string& warning) {
    return contains(warning, "lost") && warning.starts_with("the origin postgres:");
  }));
}

TEST(PostgresOrigin, APrivateServerLeavesNothingBehind) {
  REQUIRE_POSTGRES();
  std::optional<RunningPostgres> postgres(std::in_place);
  const std::string folder = postgres->folder();
  EXPECT_TRUE(std::filesystem::exists(folder));
  postgres.reset();
  EXPECT_FALSE(std::filesystem::exists(folder));
}

}  // namespace
}  // namespace cachegauge
