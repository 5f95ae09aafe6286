#include "adapters/server/private_server.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "adapters/server/figures.h"
#include "adapters/server/loopback.h"
#include "harness/core/error.h"
#include "harness/core/placement.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

ServerProgram redis_on_tcp() {
  ServerProgram program = redis_program();
  program.arguments = [](const Address& address) {
    return std::vector<std::string>{
        kServerConfig, "--bind", address.host, "--port", std::to_string(address.port),
        "--save",      ""};
  };
  program.uses_tcp = true;
  program.config = "requirepass secret\n";
  return program;
}

ServerProgram memcached_on_tcp() {
  ServerProgram program{.binary = "memcached", .package = "memcached", .arguments = {}};
  program.arguments = [](const Address& address) {
    return std::vector<std::string>{"-u",         "root", "-l",
                                    address.host, "-p",   std::to_string(address.port)};
  };
  program.uses_tcp = true;
  return program;
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
    const PrivateServer server(redis_program());
    pid = server.pid();
    directory = std::filesystem::path(server.address().socket_path).parent_path();
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
  const PrivateServer server(redis_program());
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(server.pid()) + "/fd")) {
    std::error_code ignored;
    EXPECT_EQ(std::filesystem::read_symlink(entry.path(), ignored).string().find("cg-test"),
              std::string::npos);
  }
}

TEST(PrivateServer, NamesThePackageOfAMissingProgram) {
  EXPECT_EQ(
      message_of(redis_program("no-such-server")),
      "no no-such-server on PATH: apt-get install redis-server, or name another with binary=");
  EXPECT_EQ(message_of(redis_program("/no/such/server")),
            "/no/such/server is not a program that can be run");
}

TEST(PrivateServer, QuotesTheLogOfAServerThatEndsAtOnce) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("broken");
  std::ofstream(path) << "#!/bin/sh\necho no luck today >&2\nexit 3\n";
  chmod(path.c_str(), 0755);
  EXPECT_EQ(message_of(redis_program(path)),
            path + " exited with status 3; its log: no luck today");
}

TEST(PrivateServer, SaysWhyItCannotBeStarted) {
  REQUIRE_PROGRAM("redis-server");
  setenv("TMPDIR", "/proc/none", 1);
  const std::string message = message_of(redis_program());
  unsetenv("TMPDIR");
  EXPECT_NE(message.find("could not be started in /proc/none/cachegauge-"), std::string::npos)
      << message;
  EXPECT_NE(message.find("set TMPDIR"), std::string::npos) << message;
}

TEST(PrivateServer, ListensOnTheLoopbackWithItsConfigInAFileOfItsOwn) {
  REQUIRE_PROGRAM("redis-server");
  std::string config;
  uint16_t port = 0;
  {
    const PrivateServer server(redis_on_tcp());
    EXPECT_EQ(server.address().host, "127.0.0.1");
    EXPECT_FALSE(server.address().is_unix());
    port = server.address().port;
    SocketAddress chosen;
    EXPECT_TRUE(connect_to(server.address(), 1'000'000'000, chosen));
    const std::string process = "/proc/" + std::to_string(server.pid());
    config = std::filesystem::read_symlink(process + "/cwd").string() + "/" + kServerConfig;
    struct stat status {};
    ASSERT_EQ(stat(config.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u);
    std::ifstream file(process + "/cmdline");
    std::string command_line;
    std::getline(file, command_line);
    EXPECT_EQ(command_line.find("secret"), std::string::npos);
  }
  EXPECT_TRUE(eventually([&] { return is_free_loopback_port(port); }));
  EXPECT_FALSE(std::filesystem::exists(config));
}

// Someone else listens, and accepts, on the first two ports before the server can.
TEST(PrivateServer, TakesAnotherPortWhereSomeoneElseWasFaster) {
  REQUIRE_PROGRAM("redis-server");
  REQUIRE_PROGRAM("memcached");
  for (ServerProgram program : {redis_on_tcp(), memcached_on_tcp()}) {
    std::vector<UniqueFd> rivals;
    program.arguments = [&rivals, inner = program.arguments](const Address& address) {
      if (rivals.size() < 2) rivals.push_back(listen_on(address.port));
      return inner(address);
    };
    PrivateServer server(program);
    EXPECT_EQ(rivals.size(), 2u);
    EXPECT_TRUE(listens_on_loopback(server.pid(), server.address().port));
    EXPECT_EQ(server.death(), std::nullopt);
  }
}

TEST(PrivateServer, GivesUpWhereSomeoneElseIsAlwaysFaster) {
  REQUIRE_PROGRAM("redis-server");
  std::vector<UniqueFd> rivals;
  ServerProgram program = redis_on_tcp();
  program.arguments = [&rivals, inner = program.arguments](const Address& address) {
    rivals.push_back(listen_on(address.port));
    return inner(address);
  };
  EXPECT_NE(message_of(program).find("exited with status 1; its log: "), std::string::npos);
  EXPECT_EQ(rivals.size(), 10u);
}

TEST(PrivateServer, RunsOnTheCpusItIsGivenWithAllItsThreads) {
  REQUIRE_PROGRAM("memcached");
  const std::vector<int> allowed = allowed_cpus();
  ServerProgram program = memcached_on_tcp();
  EXPECT_EQ(PrivateServer(program).cpus(), allowed);
  for (const int cpu : {allowed.front(), allowed.back()}) {
    program.cpus = {cpu};
    const PrivateServer server(program);
    EXPECT_EQ(cpus_of_threads(server.pid()), std::to_string(cpu));
    EXPECT_EQ(server.cpus(), program.cpus);
  }
  EXPECT_EQ(allowed_cpus(), allowed);
}

TEST(PrivateServer, SaysThatItsCpusCannotBeHad) {
  REQUIRE_PROGRAM("memcached");
  ServerProgram program = memcached_on_tcp();
  program.cpus = {1023};
  EXPECT_NE(message_of(program).find("the CPUs of --pin server= cannot be had"), std::string::npos);
}

TEST(PrivateServer, PasswordsAreLongAndDiffer) {
  EXPECT_EQ(random_password().size(), 32u);
  EXPECT_NE(random_password(), random_password());
}

TEST(PrivateServer, FallsBackToTmpWhereAPathIsTooLongForASocket) {
  REQUIRE_PROGRAM("redis-server");
  const TemporaryDirectory directory;
  const std::string deep = directory.path(std::string(100, 'd'));
  std::filesystem::create_directory(deep);
  setenv("TMPDIR", deep.c_str(), 1);
  const PrivateServer server(redis_program());
  unsetenv("TMPDIR");
  EXPECT_TRUE(server.address().socket_path.starts_with("/tmp/cachegauge-"));
}

}  // namespace
}  // namespace cachegauge
