#include "adapters/server/private_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "adapters/server/figures.h"
#include "harness/core/error.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

ServerProgram redis(const std::string& binary = "redis-server") {
  return {.binary = binary, .package = "redis-server", .arguments = [](const std::string& socket) {
            return std::vector<std::string>{"--port", "0", "--unixsocket", socket, "--save", ""};
          }};
}

std::string message_of(const ServerProgram& program) {
  try {
    PrivateServer server(program);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ExitCode::kFailed);
    return error.what();
  }
  return "started";
}

TEST(PrivateServer, RunsInADirectoryOfItsOwn) {
  REQUIRE_PROGRAM("redis-server");
  std::string directory;
  pid_t pid = -1;
  {
    const PrivateServer server(redis());
    pid = server.pid();
    directory = std::filesystem::path(server.socket_path()).parent_path();
    EXPECT_NE(directory.find("/cachegauge-"), std::string::npos);
    struct stat status {};
    ASSERT_EQ(stat(directory.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700u);
    EXPECT_TRUE(process_runs(pid));
    EXPECT_EQ(std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/cwd"), directory);
    EXPECT_GT(*process_rss_bytes(pid), 1u << 20);
    EXPECT_GT(*process_cpu_ns(pid), 0);
  }
  EXPECT_FALSE(process_runs(pid));
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_EQ(process_rss_bytes(pid), std::nullopt);
}

TEST(PrivateServer, HoldsNoDescriptorOfOurs) {
  REQUIRE_PROGRAM("redis-server");
  const TemporaryDirectory directory;
  std::ofstream file(directory.path("ours"));
  const PrivateServer server(redis());
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(server.pid()) + "/fd")) {
    std::error_code ignored;
    EXPECT_EQ(std::filesystem::read_symlink(entry.path(), ignored).string().find("cg-test"),
              std::string::npos);
  }
}

TEST(PrivateServer, NamesThePackageOfAMissingProgram) {
  EXPECT_EQ(
      message_of(redis("no-such-server")),
      "no no-such-server on PATH: apt-get install redis-server, or name another with binary=");
  EXPECT_EQ(message_of(redis("/no/such/server")),
            "/no/such/server is not a program that can be run");
}

TEST(PrivateServer, QuotesTheLogOfAServerThatEndsAtOnce) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("broken");
  std::ofstream(path) << "#!/bin/sh\necho no luck today >&2\nexit 3\n";
  chmod(path.c_str(), 0755);
  EXPECT_EQ(message_of(redis(path)), path + " exited with status 3; its log: no luck today");
}

TEST(PrivateServer, SaysWhyItCannotBeStarted) {
  REQUIRE_PROGRAM("redis-server");
  setenv("TMPDIR", "/proc/none", 1);
  const std::string message = message_of(redis());
  unsetenv("TMPDIR");
  EXPECT_NE(message.find("could not be started in /proc/none/cachegauge-"), std::string::npos)
      << message;
  EXPECT_NE(message.find("set TMPDIR"), std::string::npos) << message;
}

TEST(PrivateServer, FallsBackToTmpWhereAPathIsTooLongForASocket) {
  REQUIRE_PROGRAM("redis-server");
  const TemporaryDirectory directory;
  const std::string deep = directory.path(std::string(100, 'd'));
  std::filesystem::create_directory(deep);
  setenv("TMPDIR", deep.c_str(), 1);
  const PrivateServer server(redis());
  unsetenv("TMPDIR");
  EXPECT_TRUE(server.socket_path().starts_with("/tmp/cachegauge-"));
}

}  // namespace
}  // namespace cachegauge
