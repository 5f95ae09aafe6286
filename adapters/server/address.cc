#include "adapters/server/address.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>
#include <memory>

#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

SocketAddress unix_address(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof(address.sun_path)) {
    throw Error::usage(
        fmt::format("the socket path \"{}\" is longer than the {} bytes a unix "
                    "socket can have: use a shorter one",
                    path, sizeof(address.sun_path) - 1));
  }
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof(address));
  result.length = sizeof(address);
  return result;
}

std::vector<SocketAddress> resolve(const Address& address) {
  if (address.is_unix()) return {unix_address(address.socket_path)};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int error = getaddrinfo(address.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    throw Error::failed(fmt::format("cannot find the host \"{}\": {}; check the name", address.host,
                                    gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, freeaddrinfo);
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry; entry = entry->ai_next) {
    SocketAddress& next = addresses.emplace_back();
    std::memcpy(&next.storage, entry->ai_addr, entry->ai_addrlen);
    next.length = entry->ai_addrlen;
  }
  return addresses;
}

int milliseconds_until(int64_t deadline_ns) {
  const int64_t left_ns = deadline_ns - monotonic_ns();
  return left_ns <= 0 ? 0 : static_cast<int>((left_ns + 999'999) / 1'000'000);
}

// 0 or an errno.
int wait_connected(int fd, int64_t deadline_ns) {
  pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
  while (true) {
    const int ready = poll(&entry, 1, milliseconds_until(deadline_ns));
    if (ready > 0) return connect_error(fd);
    if (ready == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

// A unix socket whose backlog is full says EAGAIN and has nothing to wait on.
Connecting connect_within(const SocketAddress& address, int64_t deadline_ns) {
  while (true) {
    Connecting attempt = start_connecting(address);
    if (attempt.state == ConnectState::kInProgress) {
      attempt.error = wait_connected(attempt.fd.get(), deadline_ns);
      attempt.state = attempt.error == 0 ? ConnectState::kConnected : ConnectState::kFailed;
      return attempt;
    }
    if (attempt.error != EAGAIN || monotonic_ns() >= deadline_ns) return attempt;
    const timespec pause{.tv_sec = 0, .tv_nsec = 1'000'000};
    nanosleep(&pause, nullptr);
  }
}

std::string_view remedy(const Address& address, int error) {
  if (error == EACCES) return "check the socket's permissions";
  if (error == ETIMEDOUT) return "check the address, and firewalls on the way";
  if (address.is_unix()) return "is the server running, and is this its socket?";
  return "is the server running, and does it listen on this address?";
}

}  // namespace

std::string Address::text() const {
  if (is_unix()) return "unix:" + socket_path;
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

uint16_t parse_port(std::string_view text, std::string_view what) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    throw Error::usage(fmt::format("{}: expected a port from 1 to 65535, got \"{}\"", what, text));
  }
  return port;
}

Address parse_host_port(std::string_view text, uint16_t default_port) {
  Address address{.socket_path = {}, .host = {}, .port = default_port};
  std::string_view rest;
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos) {
      throw Error::usage(fmt::format("\"{}\": expected \"]\" after the IPv6 address", text));
    }
    address.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
  } else {
    const size_t colon = std::min(text.find(':'), text.size());
    address.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (address.host.empty() || (!rest.empty() && rest[0] != ':')) {
    throw Error::usage(fmt::format("expected host:port, got \"{}\"", text));
  }
  if (!rest.empty()) address.port = parse_port(rest.substr(1), text);
  return address;
}

int connect_error(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) == 0 ? error : errno;
}

Connecting start_connecting(const SocketAddress& address) {
  const int family = address.storage.ss_family;
  Connecting result;
  result.fd = UniqueFd(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!result.fd) {
    result.error = errno;
    return result;
  }
  if (family != AF_UNIX) {
    const int on = 1;
    setsockopt(result.fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  if (connect(result.fd.get(), reinterpret_cast<const sockaddr*>(&address.storage),
              address.length) == 0) {
    result.state = ConnectState::kConnected;
  } else if (errno == EINPROGRESS || errno == EINTR) {
    result.state = ConnectState::kInProgress;
  } else {
    result.error = errno;
  }
  return result;
}

UniqueFd connect_to(const Address& address, int64_t timeout_ns, SocketAddress& chosen) {
  int last_error = 0;
  for (const SocketAddress& candidate : resolve(address)) {
    Connecting attempt = connect_within(candidate, monotonic_ns() + timeout_ns);
    if (attempt.state == ConnectState::kConnected) {
      chosen = candidate;
      return std::move(attempt.fd);
    }
    last_error = attempt.error;
  }
  throw Error::failed(fmt::format("cannot connect to {}: {}; {}", address.text(),
                                  std::strerror(last_error), remedy(address, last_error)));
}

}  // namespace cachegauge
