#include "adapters/server/guardian.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "adapters/server/child_processes.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

// -1 before Linux 5.3: then the socket alone tells, and the server is looked at now and then.
int open_pidfd(pid_t pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

void close_from(int first) {
  if (close_range(first, ~0U, 0) == 0) return;
  for (int fd = first; fd < 65536; ++fd) close(fd);  // before Linux 5.9
}

// What the guardian keeps open, where.
constexpr int kSocketFd = 3;
constexpr int kStarterFd = 4;
constexpr int kFirstUnused = 5;

// Moves the descriptors to their places by way of numbers above all of them, and closes the rest.
// 0 to 2 become /dev/null: a pipe that someone reads until our end must not stay open in a
// guardian.
bool keep_only(int socket_fd, int starter_fd) {
  constexpr int kAbove = 16;
  const int null_fd = fcntl(open("/dev/null", O_RDWR), F_DUPFD, kAbove);
  const int socket_copy = fcntl(socket_fd, F_DUPFD, kAbove);
  const int starter_copy = starter_fd >= 0 ? fcntl(starter_fd, F_DUPFD, kAbove) : -1;
  if (null_fd < 0 || socket_copy < 0) return false;
  for (int fd = 0; fd < 3; ++fd) dup2(null_fd, fd);
  dup2(socket_copy, kSocketFd);
  if (starter_copy < 0 || dup2(starter_copy, kStarterFd) < 0) close(kStarterFd);
  close_from(kFirstUnused);
  return true;
}

void default_signals() {
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &action, nullptr);
}

void ignore_requests_to_end() {
  struct sigaction action {};
  action.sa_handler = SIG_IGN;
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) sigaction(number, &action, nullptr);
}

void unblock_signals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// Not glibc's functions, which ask threads that are not here after a fork. For good: from the user
// there is no way back.
bool become(uid_t uid, gid_t gid) {
  return syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setgid, gid) == 0 &&
         syscall(SYS_setuid, uid) == 0;
}

[[noreturn]] void run_server(const GuardianPlan& plan, pid_t guardian, int log_fd) {
  if (plan.end_signal != SIGKILL) setpgid(0, 0);
  if (plan.server_uid != 0 && !become(plan.server_uid, plan.server_gid)) _exit(127);
  prctl(PR_SET_PDEATHSIG, plan.end_signal);  // after the change of the user, which would clear it
  if (getppid() != guardian) _exit(127);     // it died before the line above
  default_signals();
  dup2(log_fd, 1);
  dup2(log_fd, 2);
  if (plan.server_cpus && sched_setaffinity(0, sizeof(cpu_set_t), plan.server_cpus) != 0) {
    constexpr std::string_view kReason = "the CPUs of --pin server= cannot be had\n";
    if (write(2, kReason.data(), kReason.size()) < 0) _exit(127);
    _exit(1);
  }
  close_from(3);
  execv(plan.server_argv[0], plan.server_argv);
  _exit(127);
}

// The entries of a directory as the kernel writes them; glibc's readdir allocates.
struct DirectoryEntry {
  uint64_t inode;
  int64_t offset;
  uint16_t length;
  uint8_t type;
  char name[1];
};

bool remove_directory(int parent, const char* path) {
  const int directory = openat(parent, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  alignas(DirectoryEntry) std::array<char, 4096> buffer;
  long bytes = 0;
  // Removing entries may move those not yet read, hence from the start until none is left to
  // remove.
  for (bool removed = true; directory >= 0 && removed;) {
    removed = false;
    lseek(directory, 0, SEEK_SET);
    while ((bytes = syscall(SYS_getdents64, directory, buffer.data(), buffer.size())) > 0) {
      for (long at = 0; at < bytes;) {
        const auto* entry = reinterpret_cast<const DirectoryEntry*>(buffer.data() + at);
        const char* name = buffer.data() + at + offsetof(DirectoryEntry, name);
        at += entry->length;
        const std::string_view text = name;
        if (text == "." || text == "..") continue;
        if (unlinkat(directory, name, 0) == 0) {
          removed = true;
        } else if (errno == EISDIR || errno == EPERM) {  // Linux's word for a folder, and POSIX'
          removed |= remove_directory(directory, name);
        }
      }
    }
  }
  if (directory >= 0) close(directory);
  return unlinkat(parent, path, AT_REMOVEDIR) == 0;
}

bool write_config(const GuardianPlan& plan) {
  if (!plan.config) return true;
  const int fd = open(plan.config_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return false;
  const size_t size = strlen(plan.config);
  const bool whole = write(fd, plan.config, size) == static_cast<ssize_t>(size);
  close(fd);
  return whole;
}

void tell(GuardianMessage::Kind kind, int value) {
  const GuardianMessage message{kind, value};
  send(kSocketFd, &message, sizeof(message), MSG_NOSIGNAL);
}

// One that is not simply killed has processes of its own.
bool has_children(const GuardianPlan& plan) { return plan.end_signal != SIGKILL; }

// With all that it has started: a server that stands still starts nothing more.
void stop_server(const GuardianPlan& plan, pid_t server) {
  kill(server, SIGSTOP);
  if (!has_children(plan)) return;
  kill(-server, SIGSTOP);
  constexpr int kLooks = 2;  // some may have come or gone during the first
  for (int look = 0; look < kLooks; ++look) signal_children(server, SIGSTOP);
}

void continue_server(const GuardianPlan& plan, pid_t server) {
  if (has_children(plan)) {
    signal_children(server, SIGCONT);
    kill(-server, SIGCONT);
  }
  kill(server, SIGCONT);
}

void kill_server(const GuardianPlan& plan, pid_t server) {
  if (has_children(plan)) {
    stop_server(plan, server);
    signal_children(server, SIGKILL);
    kill(-server, SIGKILL);
  }
  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
}

// In the way that it wants to be ended.
void end_server(const GuardianPlan& plan, pid_t server) {
  constexpr int kLooks = 1000;
  constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 5'000'000};
  if (has_children(plan)) {
    kill(-server, plan.end_signal);
    continue_server(plan, server);
    for (int look = 0; look < kLooks; ++look) {
      if (waitpid(server, nullptr, WNOHANG) != 0) return;
      nanosleep(&kPause, nullptr);
    }
  }
  kill_server(plan, server);
}

// What a server leaves running for a moment may write files while others are removed.
void remove_for_good(const char* directory) {
  constexpr int kAttempts = 100;
  constexpr timespec kPause = {.tv_sec = 0, .tv_nsec = 20'000'000};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (remove_directory(AT_FDCWD, directory) || errno == ENOENT) return;
    nanosleep(&kPause, nullptr);
  }
}

pid_t fork_server(const GuardianPlan& plan) {
  const int log_fd = open(plan.log_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (log_fd < 0) return -1;
  const pid_t self = getpid();
  const pid_t server = fork();
  if (server == 0) run_server(plan, self, log_fd);
  close(log_fd);
  if (server > 0 && plan.end_signal != SIGKILL) {
    setpgid(server, server);  // or it has done so itself
  }
  return server;
}

// The server, as long as someone may want it.
class Ward {
 public:
  explicit Ward(const GuardianPlan& plan) : plan_(plan) {}

  // Tells whether it could be started.
  bool start() {
    start_ns_ = kNever;
    server_ = plan_.server_argv ? fork_server(plan_) : 0;
    const bool failed = server_ < 0;
    tell(failed ? GuardianMessage::kFailed : GuardianMessage::kStarted, failed ? errno : server_);
    if (server_ > 0) fd_ = open_pidfd(server_);
    return !failed;
  }
  void end() {
    if (server_ <= 0) return;
    end_server(plan_, server_);
    forget();
  }
  // A request of the starter's; false if it was its last word.
  bool take_request() {
    GuardianRequest request;
    if (recv(kSocketFd, &request, sizeof(request), MSG_DONTWAIT) != sizeof(request)) return false;
    if (request.kind != GuardianRequest::kRestart) {
      const bool stops = request.kind == GuardianRequest::kStop;
      if (server_ > 0) (stops ? stop_server : continue_server)(plan_, server_);
      return true;
    }
    if (server_ > 0) kill_server(plan_, server_);
    forget();
    start_ns_ = monotonic_ns() + request.down_ns;
    return true;
  }
  void look() {
    int status = 0;
    if (server_ > 0 && waitpid(server_, &status, WNOHANG) == server_) {
      forget();
      tell(GuardianMessage::kExited, status);
    }
    if (server_ <= 0 && monotonic_ns() >= start_ns_) start();
  }
  int fd() const { return fd_; }
  int timeout_ms() const {
    if (server_ > 0) return fd_ < 0 ? 50 : -1;
    if (start_ns_ == kNever) return -1;
    return static_cast<int>(std::max<int64_t>(0, start_ns_ - monotonic_ns()) / 1'000'000 + 1);
  }

 private:
  static constexpr int64_t kNever = INT64_MAX;

  void forget() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
    server_ = -1;
  }

  const GuardianPlan& plan_;
  pid_t server_ = -1;  // 0: none was asked for
  int fd_ = -1;
  int64_t start_ns_ = kNever;  // when it is to be started again
};

// Returns when the starter is gone or has closed its end.
void watch(Ward& ward) {
  std::array<pollfd, 3> watched = {{{.fd = kSocketFd, .events = POLLIN, .revents = 0},
                                    {.fd = kStarterFd, .events = POLLIN, .revents = 0},
                                    {.fd = -1, .events = POLLIN, .revents = 0}}};
  if (fcntl(kStarterFd, F_GETFD) < 0) watched[1].fd = -1;
  while (true) {
    watched[2].fd = ward.fd();
    if (poll(watched.data(), watched.size(), ward.timeout_ms()) < 0 && errno != EINTR) break;
    if (watched[1].revents != 0) break;
    if (watched[0].revents != 0 && !ward.take_request()) break;
    ward.look();
  }
  ward.end();
}

[[noreturn]] void run_guardian(const GuardianPlan& plan, int socket_fd, int starter_fd) {
  setsid();
  prctl(PR_SET_NAME, "cg-guardian");
  prctl(PR_SET_PDEATHSIG, 0);  // of the starter's; the socket tells, and leaves us time to clean up
  default_signals();
  ignore_requests_to_end();
  if (!keep_only(socket_fd, starter_fd)) _exit(1);
  unblock_signals();
  if (mkdir(plan.directory, 0700) != 0) {
    tell(GuardianMessage::kFailed, errno);
    _exit(1);
  }
  if (plan.server_uid != 0 && chown(plan.directory, plan.server_uid, plan.server_gid) != 0) {
    tell(GuardianMessage::kFailed, errno);
    _exit(1);
  }
  Ward ward(plan);
  if (plan.server_argv && (chdir(plan.directory) != 0 || !write_config(plan))) {
    tell(GuardianMessage::kFailed, errno);
  } else if (ward.start()) {
    watch(ward);
  }
  remove_for_good(plan.directory);
  _exit(0);
}

// Signals wait while a fork is under way: the handlers are ours, and must not run in the child.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

}  // namespace

Guardian spawn_guardian(const GuardianPlan& plan) {
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    throw Error::failed(fmt::format("socketpair: {}", std::strerror(errno)));
  }
  Guardian guardian;
  guardian.socket = UniqueFd(ends[0]);
  const UniqueFd theirs(ends[1]);
  const UniqueFd starter(open_pidfd(getpid()));
  const SignalsBlocked blocked;
  guardian.pid = fork();
  if (guardian.pid == 0) run_guardian(plan, theirs.get(), starter.get());
  if (guardian.pid < 0) throw Error::failed(fmt::format("fork: {}", std::strerror(errno)));
  return guardian;
}

void end_guardian(Guardian& guardian) {
  if (guardian.pid < 0) return;
  shutdown(guardian.socket.get(), SHUT_RDWR);  // also where a child of ours holds a copy of it
  guardian.socket.reset();
  while (waitpid(guardian.pid, nullptr, 0) < 0 && errno == EINTR) {
  }
  guardian.pid = -1;
}

}  // namespace cachegauge
