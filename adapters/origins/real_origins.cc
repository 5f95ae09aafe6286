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

using MakeOrigin = decltype(OriginKind::make);
#if CACHEGAUGE_HAS_SQLITE
constexpr MakeOrigin kMakeSqlite = make_sqlite_origin;
#else
constexpr MakeOrigin kMakeSqlite = nullptr;
#endif
#if CACHEGAUGE_HAS_LIBPQ
constexpr MakeOrigin kMakePostgres = make_postgres_origin;
#else
constexpr MakeOrigin kMakePostgres = nullptr;
#endif
#if CACHEGAUGE_HAS_CURL
constexpr MakeOrigin kMakeHttp = make_http_origin;
#else
constexpr MakeOrigin kMakeHttp = nullptr;
#endif

constexpr OriginKind kRealOrigins[] = {
    {"sqlite", "rows in SQLite: each call is a query, each store a transaction", kSqliteParams,
     kMakeSqlite, "SQLite was not found: apt-get install libsqlite3-dev and build again"},
    {"postgres", "rows in PostgreSQL: a private server, or a database by its dsn", kPostgresParams,
     kMakePostgres, "libpq was not found: apt-get install libpq-dev and build again"},
    {"http", "objects of an HTTP service, asked for again only if they changed", kHttpParams,
     kMakeHttp, "libcurl was not found: apt-get install libcurl4-openssl-dev and build again"},
};

}  // namespace

std::span<const OriginKind> real_origin_kinds() { return kRealOrigins; }

}  // namespace cachegauge
