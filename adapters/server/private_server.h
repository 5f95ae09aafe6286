// A server of our own: on a unix socket in a fresh directory that nobody else may enter, gone with
// us however we die (guardian.h).
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "adapters/server/guardian.h"

namespace cachegauge {

struct ServerProgram {
  std::string binary;   // a name on PATH, or a path
  std::string package;  // the Debian package that has it, for the message when it is missing
  std::function<std::vector<std::string>(const std::string& socket_path)> arguments;
};

// Belongs to the process that made it: a forked child must not use it, nor end it.
class PrivateServer {
 public:
  // Returns when the server accepts connections. Throws Error::failed when the program is missing,
  // ends at once (with the tail of its log) or does not answer in 10 s.
  explicit PrivateServer(const ServerProgram& program);
  ~PrivateServer();
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  const std::string& socket_path() const { return socket_path_; }
  const std::string& program_path() const { return program_path_; }
  pid_t pid() const { return pid_; }

  // How the server ended by itself ("was killed by signal 9"); null while it runs. Does not block.
  const std::optional<std::string>& death();

 private:
  void wait_until_it_accepts();
  bool accepts() const;
  bool receive(int timeout_ms);
  std::string log_tail() const;

  std::string directory_;
  std::string socket_path_;
  std::string log_path_;
  std::string program_path_;
  Guardian guardian_;
  pid_t owner_;
  pid_t pid_ = -1;
  std::optional<std::string> death_;
};

}  // namespace cachegauge
