// Origins that are real: rows of key, version and value in a database, or objects of a service.
// Where a library was not found, the row stays and says so.
#pragma once

#include "harness/core/adapter.h"

namespace cachegauge {

// A table of our own in a file: a private one, one that is made for the run and removed, or one
// that was there, whose other tables are left alone.
std::unique_ptr<Origin> make_sqlite_origin(const Spec& spec, const OriginSettings& settings);

// A table in a schema of our own: on a private server, or in the database that a connection string
// names.
std::unique_ptr<Origin> make_postgres_origin(const Spec& spec, const OriginSettings& settings);

// The objects of a service, one a key, which are asked for again only if they have changed.
std::unique_ptr<Origin> make_http_origin(const Spec& spec, const OriginSettings& settings);

// The rows of the table of origins.
OriginKind sqlite_origin_kind();
OriginKind postgres_origin_kind();
OriginKind http_origin_kind();

}  // namespace cachegauge
