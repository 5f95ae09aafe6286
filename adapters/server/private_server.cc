#include "adapters/server/private_server.h"

#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "adapters/server/loopback.h"
#include "adapters/server/private_folder.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/placement.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr size_t kLogTailBytes = 1024;

bool is_program(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

// Absolute, because the server starts in its own directory.
std::string find_program(const ServerProgram& program) {
  if (program.binary.find('/') != std::string::npos) {
    if (is_program(program.binary)) return std::filesystem::absolute(program.binary).string();
    throw Error::failed(fmt::format("{} is not a program that can be run", program.binary));
  }
  const char* path = std::getenv("PATH");
  for (std::string_view rest = path ? path : "/usr/bin:/bin"; !rest.empty();) {
    const size_t colon = std::min(rest.find(':'), rest.size());
    const std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), program.binary);
    if (colon > 0 && is_program(candidate)) return std::filesystem::absolute(candidate).string();
    rest.remove_prefix(std::min(colon + 1, rest.size()));
  }
  throw Error::failed(fmt::format("no {} on PATH: apt-get install {}, or name another with binary=",
                                  program.binary, program.package));
}

// In $TMPDIR, unless that leaves no room for a socket's name.
std::string choose_directory(const std::string& socket_name) {
  std::string base = temporary_base();
  const size_t suffix = sizeof("/cachegauge-0123456789abcdef/") + socket_name.size();
  if (base.size() + suffix > sizeof(sockaddr_un::sun_path)) base = "/tmp";
  return random_folder_name(base);
}

// Null where we are not root, or anyone may run it.
const passwd* find_user(const ServerProgram& program) {
  if (program.users.empty() || geteuid() != 0) return nullptr;
  for (const std::string& name : program.users) {
    if (const passwd* user = getpwnam(name.c_str()); user && user->pw_uid != 0) return user;
  }
  throw Error::failed(
      fmt::format("{} does not run as root, and there is no user {}: make one, or "
                  "run cachegauge as somebody else",
                  program.package, fmt::join(program.users, " or ")));
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status)) return fmt::format("was killed by signal {}", WTERMSIG(status));
  if (WEXITSTATUS(status) == 127) return "could not be executed";
  return fmt::format("exited with status {}", WEXITSTATUS(status));
}

}  // namespace

std::string random_password() {
  return fmt::format("{:016x}{:016x}", random_number(), random_number());
}

PrivateServer::PrivateServer(const ServerProgram& program)
    : program_path_(find_program(program)), owner_(getpid()) {
  constexpr int kAttempts = 10;
  for (int attempt = 1;; ++attempt) {
    start(program);
    try {
      wait_until_it_accepts(program.start_timeout_ns);
      return;
    } catch (...) {
      end_guardian(guardian_);
      const bool port_was_taken = program.uses_tcp && !is_free_loopback_port(address_.port);
      if (!port_was_taken || attempt == kAttempts) throw;
    }
  }
}

void PrivateServer::start(const ServerProgram& program) {
  pid_ = -1;
  death_.reset();
  directory_ = choose_directory(program.socket_name);
  log_path_ = directory_ + "/server.log";
  if (program.uses_tcp) {
    address_ = {.socket_path = {}, .host = "127.0.0.1", .port = free_loopback_port()};
  } else {
    address_ = {.socket_path = fmt::format("{}/{}", directory_, program.socket_name),
                .host = {},
                .port = 0};
  }
  std::vector<std::string> arguments = program.arguments(address_);
  arguments.insert(arguments.begin(), program_path_);
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const std::string config_path = fmt::format("{}/{}", directory_, kServerConfig);
  const cpu_set_t cpus = cpu_set_of(program.cpus);
  const passwd* user = find_user(program);
  guardian_ = spawn_guardian({.directory = directory_.c_str(),
                              .log_path = log_path_.c_str(),
                              .server_argv = argv.data(),
                              .config_path = config_path.c_str(),
                              .config = program.config.empty() ? nullptr : program.config.c_str(),
                              .server_cpus = program.cpus.empty() ? nullptr : &cpus,
                              .server_uid = user ? user->pw_uid : 0,
                              .server_gid = user ? user->pw_gid : 0,
                              .end_signal = program.end_signal});
}

PrivateServer::~PrivateServer() {
  if (getpid() != owner_) return;
  end_guardian(guardian_);
  std::error_code ignored;  // it is there only if someone killed the guardian
  std::filesystem::remove_all(directory_, ignored);
}

void PrivateServer::wait_until_it_accepts(int64_t timeout_ns) {
  constexpr int kPauseMs = 2;
  const int64_t give_up_ns = monotonic_ns() + timeout_ns;
  while (monotonic_ns() < give_up_ns) {
    receive(kPauseMs);
    if (death_) {
      throw Error::failed(fmt::format("{} {}; its log: {}", program_path_, *death_, log_tail()));
    }
    if (pid_ > 0 && accepts()) return;
  }
  throw Error::failed(fmt::format("{} did not accept connections in {}; its log: {}", program_path_,
                                  format_duration(static_cast<double>(timeout_ns)), log_tail()));
}

bool PrivateServer::accepts() const {
  if (!address_.is_unix()) return listens_on_loopback(pid_, address_.port);
  try {
    SocketAddress chosen;
    connect_to(address_, 0, chosen);
    return true;
  } catch (const Error&) {
    return false;
  }
}

void PrivateServer::restart(int64_t down_ns) {
  ask_guardian({GuardianRequest::kRestart, down_ns}, "restarted");
  if (getpid() == owner_) pid_ = -1;  // until the guardian tells of another
}

void PrivateServer::pause() { ask_guardian({GuardianRequest::kStop, 0}, "stopped"); }

void PrivateServer::resume() { ask_guardian({GuardianRequest::kContinue, 0}, "continued"); }

void PrivateServer::ask_guardian(const GuardianRequest& request, std::string_view what) {
  if (send(guardian_.socket.get(), &request, sizeof(request), MSG_NOSIGNAL) == sizeof(request)) {
    return;
  }
  throw Error::failed(
      fmt::format("{} could not be {}: {}", program_path_, what, std::strerror(errno)));
}

std::vector<int> PrivateServer::cpus() const { return allowed_cpus(pid_); }

// Takes one message of the guardian's, if there is one within the time.
bool PrivateServer::receive(int timeout_ms) {
  pollfd entry{.fd = guardian_.socket.get(), .events = POLLIN, .revents = 0};
  if (poll(&entry, 1, timeout_ms) <= 0) return false;
  GuardianMessage message;
  const ssize_t size = recv(guardian_.socket.get(), &message, sizeof(message), MSG_DONTWAIT);
  if (size != sizeof(message)) {
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (!death_) death_ = "lost the process that guards it";
    return false;
  }
  if (message.kind == GuardianMessage::kStarted) pid_ = message.value;
  if (message.kind == GuardianMessage::kExited) death_ = describe_status(message.value);
  if (message.kind == GuardianMessage::kFailed) {
    death_ = fmt::format(
        "could not be started in {} ({}; set TMPDIR to a directory that can be "
        "written)",
        directory_, std::strerror(message.value));
  }
  return true;
}

const std::optional<std::string>& PrivateServer::death() {
  while (!death_ && receive(0)) {
  }
  return death_;
}

std::string PrivateServer::log_tail() const {
  std::ifstream file(log_path_, std::ios::binary | std::ios::ate);
  const auto size = static_cast<size_t>(std::max<std::streamoff>(0, file.tellg()));
  std::string tail(std::min(size, kLogTailBytes), '\0');
  file.seekg(static_cast<std::streamoff>(size - tail.size()));
  file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
  if (size > tail.size()) tail.erase(0, tail.find('\n') + 1);
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  return tail.empty() ? "nothing" : tail;
}

}  // namespace cachegauge
