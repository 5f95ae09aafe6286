#include "adapters/origins/real_origins.h"

#include "adapters/origins/pooled_origin.h"

namespace cachegauge {
namespace {

constexpr ParamInfo kSqliteParams[] = {
    {"path", "path", "a database, in which the run has a table of its own (a private file)"},
    kOriginThreadsParam,
};

constexpr ParamInfo kPostgresParams[] = {
    {"dsn", "text", "a running server's database, as libpq names it (a private server)"},
    {"url", "text", "the same: postgres://user@host/database is a spec of its own"},
    {"binary", "path",
     "the private server's program, with initdb beside it (the newest installed)"},
    {"shared_buffers", "size = the server's", "memory of the private server for its pages"},
    kOriginThreadsParam,
};

constexpr ParamInfo kHttpParams[] = {
    {"url", "text", "of an object, with {key} in the place of its key (else added to the path)"},
    {"revalidate", "yes | no", "whether what was had once is asked for by ETag or Last-Modified"},
    kOriginThreadsParam,
};

}  // namespace

OriginKind sqlite_origin_kind() {
  OriginKind kind{.name = "sqlite",
                  .summary = "rows in SQLite: each call is a query, each store a transaction",
                  .params = kSqliteParams,
                  .make = nullptr};
#if CACHEGAUGE_HAS_SQLITE
  kind.make = make_sqlite_origin;
#else
  kind.not_built = "SQLite was not found: apt-get install libsqlite3-dev and build again";
#endif
  return kind;
}

OriginKind postgres_origin_kind() {
  OriginKind kind{.name = "postgres",
                  .summary = "rows in PostgreSQL: a private server, or a database by its dsn",
                  .params = kPostgresParams,
                  .make = nullptr};
#if CACHEGAUGE_HAS_LIBPQ
  kind.make = make_postgres_origin;
#else
  kind.not_built = "libpq was not found: apt-get install libpq-dev and build again";
#endif
  return kind;
}

OriginKind http_origin_kind() {
  OriginKind kind{.name = "http",
                  .summary = "objects of an HTTP service, asked for again only if they changed",
                  .params = kHttpParams,
                  .make = nullptr};
#if CACHEGAUGE_HAS_CURL
  kind.make = make_http_origin;
#else
  kind.not_built = "libcurl was not found: apt-get install libcurl4-openssl-dev and build again";
#endif
  return kind;
}

}  // namespace cachegauge
