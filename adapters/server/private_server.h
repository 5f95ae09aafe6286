// A server of our own, gone with us however we die (guardian.h). It runs in a fresh directory that
// nobody else may enter and listens on a unix socket there, or on a port of 127.0.0.1 that every
// user of this machine can reach.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/server/address.h"
#include "adapters/server/guardian.h"

namespace cachegauge {

struct ServerProgram {
  std::string binary;   // a name on PATH, or a path
  std::string package;  // the Debian package that has it, for the message when it is missing
  // Called again with another address where someone else was faster to listen on the first.
  std::function<std::vector<std::string>(const Address& address)> arguments;
  bool uses_tcp = false;
  // The text of the file kServerConfig in the server's directory, for what must not be read from
  // its command line; empty: no file.
  std::string config = {};
  std::vector<int> cpus = {};               // that it may run on; empty: those of this process
  std::string socket_name = "server.sock";  // in its directory, without TCP
  // Who runs it where we are root, and it refuses root: the first of these users that there is.
  std::vector<std::string> users = {};
  int end_signal = SIGKILL;  // as GuardianPlan's
  int64_t start_timeout_ns = 10'000'000'000;
};

inline constexpr const char* kServerConfig = "server.conf";

// 32 random hex digits: a password for a server of our own.
std::string random_password();

// Belongs to the process that made it: of a forked child it takes no more than restart().
class PrivateServer {
 public:
  // Returns when the server accepts connections. Throws Error::failed when the program is missing,
  // ends at once (with the tail of its log) or does not answer in time.
  explicit PrivateServer(const ServerProgram& program);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  const Address& address() const { return address_; }
  const std::string& program_path() const { return program_path_; }
  pid_t pid() const { return pid_; }
  std::vector<int> cpus() const;  // that it may run on, as the kernel says

  // Kills the server at once, and has its guardian start it again after `down_ns`, at the same
  // address and with an empty memory. Does not wait. Throws Error::failed if the guardian is gone.
  void restart(int64_t down_ns);
  // Returns when the restarted server accepts connections. Throws Error::failed if it does not.
  void wait_for_restart(int64_t timeout_ns) { wait_until_it_accepts(timeout_ns); }

  // Has its guardian stop the server, which then answers nobody, and let it go on. Do not wait.
  // Throw as restart() does.
  void pause();
  void resume();

  // How the server ended by itself ("was killed by signal 9"); null while it runs. Does not block.
  const std::optional<std::string>& death();

 private:
  void start(const ServerProgram& program);
  void wait_until_it_accepts(int64_t timeout_ns);
  void ask_guardian(const GuardianRequest& request, std::string_view what);
  bool accepts() const;
  bool receive(int timeout_ms);
  std::string log_tail() const;

  std::string program_path_;
  std::string directory_;
  std::string log_path_;
  Address address_;
  Guardian guardian_;
  pid_t owner_;
  pid_t pid_ = -1;
  std::optional<std::string> death_;
};

}  // namespace cachegauge
