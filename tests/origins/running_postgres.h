// A PostgreSQL server of a test's own, which to the origin is one that runs already.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "adapters/origins/origins.h"
#include "adapters/origins/postgres_connection.h"
#include "adapters/origins/postgres_server.h"
#include "adapters/server/private_server.h"
#include "harness/core/error.h"
#include "tests/origins/real_origin_rig.h"

namespace cachegauge {

inline constexpr int64_t kPostgresTimeoutNs = 20'000'000'000;

// A server that somebody else might run. It takes a second to start, so that few tests do.
class RunningPostgres {
 public:
  RunningPostgres() : server_(postgres_program({.connections = 30})) {
    while (true) {
      try {
        run("SELECT 1");
        return;
      } catch (const Error& error) {
        if (std::string_view(error.what()).find("starting up") == std::string_view::npos) throw;
      }
    }
  }

  PostgresResult run(const std::string& sql) {
    return PostgresConnection(parse_postgres_target(conninfo_of(server_), kPostgresTimeoutNs))
        .run(sql);
  }
  uint64_t count(const std::string& from) { return run("SELECT count(*) FROM " + from).count(0); }
  uint64_t schemas() { return count("pg_namespace WHERE nspname = 'cachegauge'"); }
  std::string spec() const { return "postgres:threads=2,dsn=" + conninfo_of(server_); }
  std::unique_ptr<Origin> origin(const std::string& more = "") const {
    return make_origin(Spec::parse(spec() + more), OriginSettings{});
  }
  std::string folder() const {
    return std::filesystem::path(server_.address().socket_path).parent_path().string();
  }
  void die() {
    kill(server_.pid(), SIGQUIT);
    while (!server_.death()) {
    }
  }

 private:
  PrivateServer server_;
};

#define REQUIRE_POSTGRES()                                       \
  if (const auto why = why_not_here("postgres"); !why.empty()) { \
    if (std::getenv("REQUIRE_SERVERS")) FAIL() << why;           \
    GTEST_SKIP() << why;                                         \
  }

}  // namespace cachegauge
