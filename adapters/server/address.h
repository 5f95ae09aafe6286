// Where a server listens, and connections to it.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/server/unique_fd.h"

namespace cachegauge {

struct Address {
  std::string socket_path;  // a unix socket; otherwise host and port
  std::string host;
  uint16_t port = 0;

  bool is_unix() const { return !socket_path.empty(); }
  // "unix:/tmp/r.sock", "10.0.0.7:6379", "[::1]:6379"
  std::string text() const;
};

// "host", "host:port" or "[v6]:port". Throws Error::usage.
Address parse_host_port(std::string_view text, uint16_t default_port);

// Throws Error::usage, naming `what`, for anything but 1 to 65535.
uint16_t parse_port(std::string_view text, std::string_view what);

// An address the kernel takes: names are looked up once, never on the loop.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

// Connects to the first of the address' records that answers within `timeout_ns`, and leaves that
// record in `chosen`. The socket is non-blocking, with TCP_NODELAY. Throws Error::failed with the
// address, the reason and a remedy.
UniqueFd connect_to(const Address& address, int64_t timeout_ns, SocketAddress& chosen);

enum class ConnectState { kConnected, kInProgress, kFailed };
struct Connecting {
  ConnectState state = ConnectState::kFailed;
  UniqueFd fd;
  int error = 0;  // errno when kFailed
};

// Starts to connect without waiting. In progress: wait for writability, then connect_error().
Connecting start_connecting(const SocketAddress& address);
// 0 once a connection in progress stands, otherwise its errno.
int connect_error(int fd);

}  // namespace cachegauge
