#include "tests/network/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "adapters/memcached/memcached_adapter.h"
#include "adapters/redis/redis_adapter.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/hash.h"

namespace cachegauge {
namespace {

constexpr int64_t kNsPerMs = 1'000'000;

}  // namespace

bool is_installed(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

void TestClient::send(const Command& command) {
  queue_.push_back({command, std::string(command.key), std::string(command.value)});
  ++loop_.tasks;
  if (queue_.size() == 1) loop_.post(&starter_);
}

void TestClient::start() {
  std::vector<Command> commands;
  for (Queued& queued : queue_) {
    queued.command.tag = answers.size();
    queued.command.key = queued.key;
    queued.command.key_hash = hash_text_key(queued.key);
    queued.command.now_ns = loop_.now_ns();
    queued.command.value = queued.value;
    commands.push_back(queued.command);
    answers.emplace_back();
  }
  session_->submit(commands);
  queue_.clear();
  if (completes_at_once) wake();
}

void TestClient::wake() {
  ++batches;
  std::array<Completion, 7> completions;  // fewer than a batch may have
  while (const size_t count = session_->poll(completions)) {
    for (size_t i = 0; i < count; ++i) {
      const Completion& c = completions[i];
      answers.at(c.tag) = {c.outcome, std::string(c.value), c.started_ns, c.completed_ns, c.lease};
      --loop_.tasks;
    }
  }
  if (on_answers) on_answers();
}

Rig::Rig(std::unique_ptr<Adapter> started) : adapter(std::move(started)) {
  client.completes_at_once = adapter->capabilities().in_process;
  client.attach(adapter->open(client.context()));
}

Rig::~Rig() { client.attach(nullptr); }

std::vector<Answer> Rig::ask_all(const std::vector<Command>& commands) {
  const size_t first = client.answers.size();
  for (const Command& command : commands) client.send(command);
  loop.run();
  return {client.answers.begin() + static_cast<ptrdiff_t>(first), client.answers.end()};
}

Answer Rig::ask(const Command& command) { return ask_all({command}).front(); }

void run_for(EventLoop& loop, int milliseconds) {
  struct End final : Wakeup {
    explicit End(EventLoop& l) : loop(l) {}
    void wake() override { --loop.tasks; }
    EventLoop& loop;
  } end(loop);
  ++loop.tasks;
  loop.wake_at(loop.now_ns() + milliseconds * kNsPerMs, 0, &end);
  loop.run();
}

std::unique_ptr<Adapter> make_network_adapter(const std::string& spec,
                                              const AdapterSettings& settings) {
  const Spec parsed = Spec::parse(spec);
  const AdapterKind kind =
      parsed.kind() == "redis" ? redis_adapter_kind() : memcached_adapter_kind();
  return kind.make(parsed, settings);
}

std::unique_ptr<Adapter> make_started(const std::string& spec, const AdapterSettings& settings) {
  auto adapter = make_network_adapter(spec, settings);
  adapter->start();
  return adapter;
}

TemporaryDirectory::TemporaryDirectory() : path_("/tmp/cg-test-XXXXXX") {
  if (!mkdtemp(path_.data())) throw Error::failed("mkdtemp");
}

TemporaryDirectory::~TemporaryDirectory() { std::filesystem::remove_all(path_); }

SpawnedServer::SpawnedServer(std::vector<std::string> command, Address address) {
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    freopen("/dev/null", "w", stdout);
    execvp(argv[0], argv.data());
    _exit(127);
  }
  const bool accepts = eventually([&] {
    try {
      SocketAddress chosen;
      connect_to(address, 100 * kNsPerMs, chosen);
      return true;
    } catch (const Error&) {
      return false;
    }
  });
  if (!accepts) throw Error::failed("the spawned server does not listen");
}

SpawnedServer::~SpawnedServer() { kill_and_wait(); }

void SpawnedServer::signal(int number) {
  kill(pid_, number);
  // A stop is complete, in every thread of the server, when its parent is told.
  if (number == SIGSTOP) waitpid(pid_, nullptr, WUNTRACED);
}

void SpawnedServer::kill_and_wait() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

ServerProgram redis_program(const std::string& binary) {
  return {.binary = binary, .package = "redis-server", .arguments = [](const Address& address) {
            return std::vector<std::string>{"--port", "0", "--unixsocket", address.socket_path,
                                            "--save", ""};
          }};
}

SpawnedServer spawn_redis(const std::string& socket_path) {
  return {{"redis-server", "--port", "0", "--unixsocket", socket_path, "--save", ""},
          {.socket_path = socket_path, .host = {}, .port = 0}};
}

SpawnedServer spawn_redis_tcp(uint16_t port, std::vector<std::string> more) {
  std::vector<std::string> command = {
      "redis-server", "--port", std::to_string(port), "--bind", "127.0.0.1", "--save", ""};
  command.insert(command.end(), more.begin(), more.end());
  return {command, {.socket_path = {}, .host = "127.0.0.1", .port = port}};
}

SpawnedServer spawn_memcached(const std::string& socket_path) {
  return {{"memcached", "-u", "root", "-s", socket_path},
          {.socket_path = socket_path, .host = {}, .port = 0}};
}

SpawnedServer spawn_memcached_tcp(uint16_t port) {
  return {{"memcached", "-u", "root", "-l", "127.0.0.1", "-p", std::to_string(port)},
          {.socket_path = {}, .host = "127.0.0.1", .port = port}};
}

uint16_t free_port() {
  const UniqueFd fd(socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw Error::failed("no free port");
  }
  return ntohs(address.sin_port);
}

UniqueFd listen_on(uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  if (bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd.get(), 16) != 0) {
    throw Error::failed("the test cannot listen");
  }
  return fd;
}

ScriptedServer::ScriptedServer(const std::string& socket_path, std::function<void(int, int)> serve)
    : listener_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)), serve_(std::move(serve)) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(listener_, 16) != 0) {
    throw Error::failed("the scripted server cannot listen");
  }
  thread_ = std::thread([this] { run(); });
}

ScriptedServer::~ScriptedServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

void ScriptedServer::run() {
  for (int number = 0;; ++number) {
    const UniqueFd connection(accept(listener_, nullptr, nullptr));
    if (!connection) return;
    serve_(connection.get(), number);
  }
}

std::string read_bytes(int fd, size_t bytes) {
  std::string all(bytes, '\0');
  size_t done = 0;
  while (done < bytes) {
    const ssize_t size = read(fd, all.data() + done, bytes - done);
    if (size <= 0) break;
    done += static_cast<size_t>(size);
  }
  all.resize(done);
  return all;
}

void write_bytes(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

bool eventually(const std::function<bool()>& holds, int milliseconds) {
  const int64_t give_up_ns = monotonic_ns() + milliseconds * kNsPerMs;
  while (!holds()) {
    if (monotonic_ns() >= give_up_ns) return false;
    usleep(2000);
  }
  return true;
}

// A zombie does not: where nobody reaps orphans it stays in the table.
bool process_runs(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string stat;
  if (!std::getline(file, stat)) return false;
  const size_t end = stat.rfind(')');
  return end != std::string::npos && stat.at(end + 2) != 'Z' && stat.at(end + 2) != 'X';
}

std::string cpus_of_threads(pid_t pid) {
  constexpr std::string_view kField = "Cpus_allowed_list:\t";
  std::string all;
  for (const auto& thread :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::ifstream status(thread.path() / "status");
    std::string line;
    while (std::getline(status, line) && !line.starts_with(kField)) {
    }
    const std::string cpus = line.substr(kField.size());
    if (!all.empty() && cpus != all) return "mixed";
    all = cpus;
  }
  return all;
}

bool any_contains(const std::vector<std::string>& texts, std::string_view part) {
  for (const std::string& text : texts) {
    if (text.find(part) != std::string::npos) return true;
  }
  return false;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += text + "\n";
  return all;
}

}  // namespace cachegauge
