#include "harness/replay/forked_task.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr int kWatchIntervalMs = 200;

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// What goes through the pipe: "result\n" and the text, or "error CODE\n" and a message.
std::string run_and_describe(const std::function<std::string()>& work) {
  try {
    return "result\n" + work();
  } catch (const Error& error) {
    return fmt::format("error {}\n{}", static_cast<int>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return fmt::format("error {}\nout of memory", static_cast<int>(ExitCode::kFailed));
  }
}

[[noreturn]] void child_main(const std::function<std::string()>& work, int out, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  // A terminal sends Ctrl-C to the whole group; the parent tells us in its own way.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  send_all(out, run_and_describe(work));
  close(out);
  _exit(0);
}

std::string read_to_end(int in, const std::function<void()>& watch) {
  std::string text;
  char buffer[65536];
  while (true) {
    pollfd waiting{in, POLLIN, 0};
    if (poll(&waiting, 1, kWatchIntervalMs) > 0) {
      const ssize_t count = read(in, buffer, sizeof(buffer));
      if (count == 0) return text;
      if (count > 0) text.append(buffer, static_cast<size_t>(count));
      if (count < 0 && errno != EINTR) return text;
    }
    watch();
  }
}

std::string death_of(int status) {
  return WIFSIGNALED(status) ? fmt::format("was ended by signal {} ({})", WTERMSIG(status),
                                           strsignal(WTERMSIG(status)))
                             : fmt::format("ended with exit code {}", WEXITSTATUS(status));
}

int wait_for(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

}  // namespace

ForkedTask::ForkedTask(const std::function<std::string()>& work) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error::failed(std::string("pipe: ") + std::strerror(errno));
  const pid_t parent = getpid();
  child_ = fork();
  if (child_ == 0) {
    close(ends[0]);
    child_main(work, ends[1], parent);
  }
  in_ = ends[0];
  close(ends[1]);
  if (child_ < 0) {
    close(in_);
    throw Error::failed(std::string("fork: ") + std::strerror(errno));
  }
}

ForkedTask::ForkedTask(ForkedTask&& other) noexcept
    : child_(std::exchange(other.child_, -1)), in_(std::exchange(other.in_, -1)) {}

// Of a task that nobody waited for: something else has failed.
ForkedTask::~ForkedTask() {
  if (child_ < 0) return;
  close(in_);
  kill(child_, SIGKILL);
  wait_for(child_);
}

ForkedTask::Outcome ForkedTask::finish(const std::function<void()>& watch) {
  const std::string text = read_to_end(in_, watch);
  close(in_);
  const int status = wait_for(std::exchange(child_, -1));
  if (text.starts_with("result\n")) return {.text = text.substr(7), .death = {}};
  const size_t newline = text.find('\n');
  if (text.starts_with("error ") && newline != std::string::npos) {
    throw Error(static_cast<ExitCode>(std::stoi(text.substr(6, newline - 6))),
                text.substr(newline + 1));
  }
  return {.text = {}, .death = death_of(status)};
}

}  // namespace cachegauge
