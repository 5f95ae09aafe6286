// A PostgreSQL server of our own: a fresh cluster in a private folder, reached through a unix
// socket there, gone with us however we die.
#pragma once

#include <cstddef>
#include <string>

#include "adapters/server/private_server.h"

namespace cachegauge {

struct PostgresProgram {
  std::string binary;  // of the server, with initdb beside it; empty: the newest there is
  size_t connections = 0;
  uint64_t shared_buffers_bytes = 0;  // 0: the server's default
  std::vector<int> cpus = {};
};

// Throws Error::failed when PostgreSQL is not installed.
ServerProgram postgres_program(const PostgresProgram& program);

// How libpq reaches the server, whatever the environment says of others.
std::string conninfo_of(const PrivateServer& server);

}  // namespace cachegauge
