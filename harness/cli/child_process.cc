#include "harness/cli/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "adapters/server/unique_fd.h"
#include "harness/cli/interrupts.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "harness/core/units.h"

namespace cachegauge {
namespace {

constexpr off_t kShownBytes = 4096;
constexpr int kWatchIntervalMs = 100;
// From asking a process to end until it is killed.
constexpr int kGraceMs = 2000;

[[noreturn]] void child_main(const ChildCommand& command, int output, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotStarted);
  for (int number : {SIGINT, SIGTERM, SIGPIPE}) signal(number, SIG_DFL);
  const int nothing = open("/dev/null", O_RDONLY);
  if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
      dup2(output, STDERR_FILENO) < 0) {
    _exit(kNotStarted);
  }
  if (command.fixed_addresses) personality(ADDR_NO_RANDOMIZE);
  for (const auto& [name, value] : command.environment) setenv(name.c_str(), value.c_str(), 1);
  if (!command.folder.empty() && chdir(command.folder.c_str()) != 0) {
    dprintf(STDERR_FILENO, "%s: %s\n", command.folder.c_str(), std::strerror(errno));
    _exit(kNotStarted);
  }
  std::vector<char*> argv;
  for (const std::string& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], std::strerror(errno));
  _exit(kNotStarted);
}

bool ends_within(int process, int ms) {
  pollfd waiting{process, POLLIN, 0};
  return poll(&waiting, 1, ms) > 0;
}

// Until it ends by itself, is interrupted, or its time is over.
void watch(int process, const ChildCommand& command, ChildEnd& end) {
  const int64_t started_ns = monotonic_ns();
  while (!ends_within(process, kWatchIntervalMs)) {
    end.interrupted = command.interruptible && interrupted();
    end.timed_out = command.timeout_ns > 0 && monotonic_ns() - started_ns > command.timeout_ns;
    if (end.interrupted || end.timed_out) return;
  }
}

std::string last_part(int file) {
  const off_t size = lseek(file, 0, SEEK_END);
  const off_t begin = std::max<off_t>(0, size - kShownBytes);
  std::string text(static_cast<size_t>(std::max<off_t>(0, size) - begin), '\0');
  const ssize_t count = pread(file, text.data(), text.size(), begin);
  text.resize(static_cast<size_t>(std::max<ssize_t>(0, count)));
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace

ChildCommand shell_command(const std::string& command, const std::string& folder) {
  return {.argv = {"/bin/sh", "-c", command}, .folder = folder};
}

std::string fill_in(std::string command, std::string_view place, std::string_view text) {
  for (size_t at = 0; (at = command.find(place, at)) != std::string::npos;) {
    command.replace(at, place.size(), text);
    at += text.size();
  }
  return command;
}

std::string ChildEnd::what_happened(int64_t timeout_ns) const {
  std::string text;
  if (timed_out) {
    text = fmt::format("did not end within {}", format_duration(static_cast<double>(timeout_ns)));
  } else if (exit_code > 128) {
    text = fmt::format("was ended by signal {} ({})", exit_code - 128, strsignal(exit_code - 128));
  } else {
    text = fmt::format("ended with exit code {}", exit_code);
  }
  return output.empty() ? text + " and said nothing" : text + " and said:\n" + output;
}

ChildEnd run_child(const ChildCommand& command) {
  const UniqueFd output(memfd_create("cachegauge-output", MFD_CLOEXEC));
  if (!output) throw Error::failed(fmt::format("memfd_create: {}", std::strerror(errno)));
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw Error::failed(fmt::format("fork: {}", std::strerror(errno)));
  if (child == 0) child_main(command, output.get(), parent);
  setpgid(child, child);  // whoever comes first
  ChildEnd end;
  const UniqueFd process(static_cast<int>(syscall(SYS_pidfd_open, child, 0)));
  if (process) watch(process.get(), command, end);
  if (end.interrupted || end.timed_out) {
    kill(-child, SIGTERM);
    ends_within(process.get(), kGraceMs);
  }
  int status = 0;
  if (process) kill(-child, SIGKILL);  // what it left behind, and itself if it is still there
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  end.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  end.output = last_part(output.get());
  return end;
}

}  // namespace cachegauge
