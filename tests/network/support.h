// What the tests of network adapters share: a client that collects completions, servers to talk to.
#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "adapters/server/address.h"
#include "adapters/server/private_server.h"
#include "harness/core/adapter.h"

namespace cachegauge {

// Skips the test visibly, or fails it where REQUIRE_SERVERS=1, when the program is not installed.
#define REQUIRE_PROGRAM(name)                                                           \
  if (!is_installed(name)) {                                                            \
    if (std::getenv("REQUIRE_SERVERS")) FAIL() << (name) << " is missing and required"; \
    GTEST_SKIP() << (name) << " is not installed";                                      \
  }
bool is_installed(const std::string& program);

struct Answer {
  Outcome outcome = Outcome::kError;
  std::string value;
  int64_t started_ns = 0;
  int64_t completed_ns = 0;
  uint64_t lease = 0;
};

inline Command command_of(CommandKind kind, std::string_view key, std::string_view value = {},
                          int64_t ttl_ns = 0) {
  Command command;
  command.kind = kind;
  command.key = key;
  command.value = value;
  command.ttl_ns = ttl_ns;
  return command;
}
inline Command get_of(std::string_view key) { return command_of(CommandKind::kGet, key); }

inline AdapterSettings timeout_of(int64_t timeout_ns) {
  AdapterSettings settings;
  settings.timeout_ns = timeout_ns;
  return settings;
}
inline AdapterSettings shared_server(int64_t timeout_ns = 5'000'000'000) {
  AdapterSettings settings = timeout_of(timeout_ns);
  settings.allow_shared_server = true;
  return settings;
}

// One session on a loop. Commands are answered by tag: 0, 1, … in the order of send().
class TestClient final : public Wakeup {
 public:
  explicit TestClient(EventLoop& loop) : loop_(loop) {}

  SessionContext context() { return {.scheduler = loop_, .loop = &loop_, .ready = this}; }
  void attach(std::unique_ptr<Session> session) { session_ = std::move(session); }
  // Queued now, submitted in one batch when the loop runs; the loop ends when all is answered.
  void send(const Command& command);
  void wake() override;

  std::vector<Answer> answers;
  std::function<void()> on_answers;  // called in the loop after each batch
  size_t batches = 0;
  bool completes_at_once = false;  // an in-process session, which posts nothing

 private:
  struct Starter final : Wakeup {
    explicit Starter(TestClient& c) : client(c) {}
    void wake() override { client.start(); }
    TestClient& client;
  };
  void start();

  EventLoop& loop_;
  std::unique_ptr<Session> session_;
  Starter starter_{*this};
  struct Queued {
    Command command;
    std::string key, value;
  };
  std::vector<Queued> queue_;
};

// An adapter with a loop and one client.
struct Rig {
  explicit Rig(std::unique_ptr<Adapter> started);
  ~Rig();
  Answer ask(const Command& command);
  std::vector<Answer> ask_all(const std::vector<Command>& commands);
  Answer get(std::string_view key) { return ask(get_of(key)); }
  Answer set(std::string_view key, std::string_view value, int64_t ttl_ns = 0) {
    return ask(command_of(CommandKind::kSet, key, value, ttl_ns));
  }
  Answer add(std::string_view key, std::string_view value) {
    return ask(command_of(CommandKind::kAdd, key, value));
  }
  Answer remove(std::string_view key) { return ask(command_of(CommandKind::kDelete, key)); }

  std::unique_ptr<Adapter> adapter;
  EventLoop loop;
  TestClient client{loop};
};

// Keeps a loop alive for this long.
void run_for(EventLoop& loop, int milliseconds);

std::unique_ptr<Adapter> make_started(const std::string& spec,
                                      const AdapterSettings& settings = {});
std::unique_ptr<Adapter> make_network_adapter(const std::string& spec,
                                              const AdapterSettings& settings);

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  std::string path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// A server that somebody else runs: told to listen on `address`, killed with the test.
class SpawnedServer {
 public:
  SpawnedServer(std::vector<std::string> command, Address address);
  ~SpawnedServer();
  SpawnedServer(const SpawnedServer&) = delete;
  void signal(int number);
  void kill_and_wait();
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

// A Redis of our own on a unix socket.
ServerProgram redis_program(const std::string& binary = "redis-server");

SpawnedServer spawn_redis(const std::string& socket_path);
SpawnedServer spawn_redis_tcp(uint16_t port, std::vector<std::string> more = {});
SpawnedServer spawn_memcached(const std::string& socket_path);
SpawnedServer spawn_memcached_tcp(uint16_t port);
uint16_t free_port();
// A socket that listens on this port of 127.0.0.1.
UniqueFd listen_on(uint16_t port);

// A listener on a unix socket whose connections are served one after the other by a function.
class ScriptedServer {
 public:
  // Serves connection 0, 1, … with `serve(fd, number)` on a thread; the connection is closed after.
  ScriptedServer(const std::string& socket_path, std::function<void(int fd, int number)> serve);
  ~ScriptedServer();

 private:
  void run();

  int listener_;
  std::function<void(int, int)> serve_;
  std::thread thread_;
};

// Reads until `bytes` bytes have come or the connection ends.
std::string read_bytes(int fd, size_t bytes);
void write_bytes(int fd, std::string_view bytes);

// True once `holds()` is, within the time.
bool eventually(const std::function<bool()>& holds, int milliseconds = 2000);
bool process_runs(pid_t pid);
// "0-1": the CPUs that each thread of the process may run on, by /proc; "mixed" where they differ.
std::string cpus_of_threads(pid_t pid);
bool any_contains(const std::vector<std::string>& texts, std::string_view part);
std::string joined(const std::vector<std::string>& texts);

}  // namespace cachegauge
