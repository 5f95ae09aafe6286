#include "adapters/origins/postgres_server.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDebianVersions = "/usr/lib/postgresql";
constexpr const char* kSocketName = ".s.PGSQL.5432";
constexpr int64_t kPostgresStartNs = 60'000'000'000;  // initdb included

bool holds_server(const fs::path& folder) {
  return access((folder / "postgres").c_str(), X_OK) == 0 &&
         access((folder / "initdb").c_str(), X_OK) == 0;
}

// Debian keeps the programs of each version apart, and off PATH.
std::vector<fs::path> candidate_folders() {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& version : fs::directory_iterator(kDebianVersions, ignored)) {
    folders.push_back(version.path() / "bin");
  }
  std::ranges::sort(folders, [](const fs::path& a, const fs::path& b) {
    return std::atoi(a.parent_path().filename().c_str()) >
           std::atoi(b.parent_path().filename().c_str());
  });
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : ""; !rest.empty();) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    folders.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  return folders;
}

fs::path find_folder(const std::string& binary) {
  if (!binary.empty()) {
    const fs::path folder = fs::weakly_canonical(binary).parent_path();
    if (holds_server(folder)) return folder;
    throw Error::failed(
        fmt::format("postgres:binary: {} is no server's program with initdb beside it", binary));
  }
  for (const fs::path& folder : candidate_folders()) {
    if (holds_server(folder)) return folder;
  }
  throw Error::failed(
      "there is no PostgreSQL server to start: apt-get install postgresql, name its program with "
      "binary=, or a running server with dsn=");
}

}  // namespace

// The shell becomes the server once the cluster is laid out; where it is there, the server was
// killed and starts again, which would have it bring a thousand files to the disk one by one.
// Nothing vacuums while we measure: the origin does so itself before.
ServerProgram postgres_program(const PostgresProgram& program) {
  const std::string folder = find_folder(program.binary).string();
  std::string server =
      R"([ -e data/PG_VERSION ] || "$0/initdb" -D data -U cachegauge -A trust -E UTF8 --no-locale )"
      R"(--no-sync >initdb.log 2>&1 || { cat initdb.log; exit 1; }; )"
      R"(read -r version <data/PG_VERSION; quick=; [ "${version%%.*}" -lt 14 ] || )"
      R"(quick="-c recovery_init_sync_method=syncfs"; )"
      R"(exec "$0/postgres" -D data -k "$1" -c listen_addresses= -c autovacuum=off )"
      R"(-c unix_socket_permissions=0700 -c dynamic_shared_memory_type=mmap )";
  server += "$quick ";
  server += fmt::format("-c max_connections={} ", program.connections);
  if (program.shared_buffers_bytes > 0) {
    server += fmt::format("-c shared_buffers={}kB ", program.shared_buffers_bytes / 1024);
  }
  return {.binary = "/bin/sh",
          .package = "postgresql",
          .arguments =
              [folder, server](const Address& address) {
                const std::string own = fs::path(address.socket_path).parent_path().string();
                return std::vector<std::string>{"-c", server, folder, own};
              },
          .cpus = program.cpus,
          .socket_name = kSocketName,
          .users = {"postgres", "nobody"},
          .end_signal = SIGQUIT,  // "immediate": what is in the cluster is of no use any more
          .start_timeout_ns = kPostgresStartNs};
}

// What is empty is set as well: the environment's PGHOSTADDR would go before a socket.
std::string conninfo_of(const PrivateServer& server) {
  return fmt::format(
      "host='{}' hostaddr='' port=5432 dbname=postgres user=cachegauge password='' sslmode=disable",
      fs::path(server.address().socket_path).parent_path().string());
}

}  // namespace cachegauge
