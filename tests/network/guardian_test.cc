// Private servers leave nothing behind, however their starter ends.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "adapters/server/private_folder.h"
#include "adapters/server/private_server.h"
#include "tests/network/support.h"

namespace cachegauge {
namespace {

ServerProgram memcached() {
  return {.binary = "memcached", .package = "memcached", .arguments = [](const Address& address) {
            return std::vector<std::string>{"-s", address.socket_path, "-u", "root"};
          }};
}

struct Started {
  pid_t pid;
  char directory[200];
};

Started describe(const PrivateServer& server) {
  Started started{};
  started.pid = server.pid();
  std::filesystem::path(server.address().socket_path)
      .parent_path()
      .string()
      .copy(started.directory, sizeof(started.directory) - 1);
  return started;
}

bool is_gone(const Started& started) {
  return !process_runs(started.pid) && !std::filesystem::exists(started.directory);
}

class Guardian : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    REQUIRE_PROGRAM("redis-server");
    REQUIRE_PROGRAM("memcached");
  }
};

// A starter with threads and a child that inherited every descriptor of its.
TEST_P(Guardian, CleansUpAfterAStarterThatIsKilled) {
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t starter = fork();
  if (starter == 0) {
    std::thread([] { pause(); }).detach();
    const PrivateServer first(redis_program());
    const PrivateServer second(memcached());
    const pid_t heir = fork();
    if (heir == 0) {
      for (;;) pause();
    }
    Started inherits{};
    inherits.pid = heir;
    for (const Started& started : {describe(first), describe(second), inherits}) {
      if (write(pipe_ends[1], &started, sizeof(started)) != sizeof(started)) _exit(1);
    }
    for (;;) pause();
  }
  auto receive = [&] {
    Started started{};
    const std::string bytes = read_bytes(pipe_ends[0], sizeof(started));
    bytes.copy(reinterpret_cast<char*>(&started), sizeof(started));
    return started;
  };
  const Started servers[] = {receive(), receive()};
  const pid_t heir = receive().pid;
  for (const Started& started : servers) {
    EXPECT_TRUE(process_runs(started.pid));
    EXPECT_TRUE(std::filesystem::exists(started.directory));
  }
  kill(starter, SIGKILL);
  waitpid(starter, nullptr, 0);
  for (const Started& started : servers) {
    EXPECT_TRUE(eventually([&] { return is_gone(started); })) << started.directory;
  }
  ASSERT_GT(heir, 0);
  kill(heir, SIGKILL);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

INSTANTIATE_TEST_SUITE_P(FiveTimes, Guardian, testing::Range(0, 5));

// The moments before the server listens, too.
TEST(GuardianAtRandomMoments, LeavesNothing) {
  REQUIRE_PROGRAM("redis-server");
  const TemporaryDirectory directory;
  for (int microseconds : {0, 200, 500, 1000, 2000, 4000, 8000, 16000}) {
    const pid_t starter = fork();
    if (starter == 0) {
      setenv("TMPDIR", directory.path("").c_str(), 1);
      const PrivateServer server(redis_program());
      for (;;) pause();
    }
    usleep(static_cast<useconds_t>(microseconds));
    kill(starter, SIGKILL);
    waitpid(starter, nullptr, 0);
  }
  EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(directory.path("")); }));
}

TEST(GuardianOfAFolder, RemovesItWithAllThatIsInIt) {
  const TemporaryDirectory directory;
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t starter = fork();
  if (starter == 0) {
    setenv("TMPDIR", directory.path("").c_str(), 1);
    const PrivateFolder folder;
    std::filesystem::create_directories(folder.path() + "/a/b");
    std::ofstream(folder.path() + "/a/b/file") << "x";
    if (write(pipe_ends[1], "!", 1) != 1) _exit(1);
    for (;;) pause();
  }
  EXPECT_EQ(read_bytes(pipe_ends[0], 1), "!");
  EXPECT_FALSE(std::filesystem::is_empty(directory.path("")));
  kill(starter, SIGKILL);
  waitpid(starter, nullptr, 0);
  EXPECT_TRUE(eventually([&] { return std::filesystem::is_empty(directory.path("")); }));
  close(pipe_ends[0]);
  close(pipe_ends[1]);
}

TEST(GuardianOfADeadServer, IsNotMistakenForALiveOne) {
  REQUIRE_PROGRAM("redis-server");
  PrivateServer server(redis_program());
  EXPECT_EQ(server.death(), std::nullopt);
  kill(server.pid(), SIGKILL);
  EXPECT_TRUE(eventually([&] { return server.death().has_value(); }));
  EXPECT_EQ(server.death(), "was killed by signal 9");
}

}  // namespace
}  // namespace cachegauge
