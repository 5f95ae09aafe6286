#include "harness/replay/cell_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <new>
#include <string>

#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr int kWatchIntervalMs = 200;

// CellControl in memory that parent and child share.
class SharedControl {
 public:
  SharedControl() {
    void* memory = mmap(nullptr, sizeof(CellControl), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw Error::failed(std::string("mmap: ") + std::strerror(errno));
    control_ = new (memory) CellControl;
  }
  ~SharedControl() { munmap(control_, sizeof(CellControl)); }
  SharedControl(const SharedControl&) = delete;
  CellControl& operator*() { return *control_; }

 private:
  CellControl* control_;
};

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
}

// What goes through the pipe: "result\n" and a serialised RunResult, or "error CODE\n" and a
// message.
std::string run_and_describe(const CellPlan& plan, CellControl& control, const CellHooks& hooks) {
  try {
    return "result\n" + serialize(run_cell(plan, control, hooks));
  } catch (const Error& error) {
    return fmt::format("error {}\n{}", static_cast<int>(error.code()), error.what());
  } catch (const std::bad_alloc&) {
    return fmt::format("error {}\nout of memory", static_cast<int>(ExitCode::kFailed));
  }
}

[[noreturn]] void child_main(const CellPlan& plan, CellControl& control, const CellHooks& hooks,
                             int out, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);
  // A terminal sends Ctrl-C to the whole group; the parent tells us through control.stop.
  signal(SIGINT, SIG_IGN);
  signal(SIGTERM, SIG_IGN);
  signal(SIGPIPE, SIG_IGN);
  send_all(out, run_and_describe(plan, control, hooks));
  close(out);
  _exit(0);
}

std::string read_to_end(int in, CellControl& control,
                        const std::function<void(CellControl&)>& watch) {
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
    watch(control);
  }
}

RunResult died(int status) {
  RunResult result;
  result.failure =
      WIFSIGNALED(status)
          ? fmt::format("the cell's process was ended by signal {} ({})", WTERMSIG(status),
                        strsignal(WTERMSIG(status)))
          : fmt::format("the cell's process ended with exit code {}", WEXITSTATUS(status));
  return result;
}

}  // namespace

RunResult run_cell_in_child(const CellPlan& plan, const CellHooks& hooks,
                            const std::function<void(CellControl&)>& watch) {
  SharedControl control;
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0)
    throw Error::failed(std::string("pipe: ") + std::strerror(errno));
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) throw Error::failed(std::string("fork: ") + std::strerror(errno));
  if (child == 0) {
    close(ends[0]);
    child_main(plan, *control, hooks, ends[1], parent);
  }
  close(ends[1]);
  const std::string text = read_to_end(ends[0], *control, watch);
  close(ends[0]);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (text.starts_with("result\n")) return parse_run_result(std::string_view(text).substr(7));
  const size_t newline = text.find('\n');
  if (text.starts_with("error ") && newline != std::string::npos) {
    throw Error(static_cast<ExitCode>(std::stoi(text.substr(6, newline - 6))),
                text.substr(newline + 1));
  }
  return died(status);
}

}  // namespace cachegauge
