#include "adapters/server/fault_proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/server/private_folder.h"
#include "harness/core/clock.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

constexpr size_t kMostQueuedBytes = 8 * 1024 * 1024;  // of one direction; then it is not read

[[noreturn]] void fail(const char* what) {
  throw Error::failed(fmt::format("the proxy for --fault: {}: {}", what, std::strerror(errno)));
}

// What is on its way in one direction.
class Pipe {
 public:
  void push(std::string_view bytes, int64_t due_ns) {
    chunks_.push_back({due_ns, std::string(bytes)});
    queued_ += bytes.size();
  }
  bool empty() const { return chunks_.empty(); }
  bool has_room() const { return queued_ < kMostQueuedBytes; }
  int64_t next_due_ns() const { return chunks_.empty() ? INT64_MAX : chunks_.front().due_ns; }

  // Sends what is due. False if the connection is broken.
  bool send_to(int fd, int64_t now_ns) {
    blocked_ = false;
    while (!chunks_.empty() && chunks_.front().due_ns <= now_ns) {
      const std::string& bytes = chunks_.front().bytes;
      const ssize_t sent = send(fd, bytes.data() + sent_, bytes.size() - sent_, MSG_NOSIGNAL);
      if (sent < 0) {
        blocked_ = errno == EAGAIN || errno == EINTR;
        return blocked_;
      }
      queued_ -= static_cast<size_t>(sent);
      sent_ += static_cast<size_t>(sent);
      if (sent_ < bytes.size()) continue;
      chunks_.pop_front();
      sent_ = 0;
    }
    return true;
  }
  bool blocked() const { return blocked_; }

 private:
  struct Chunk {
    int64_t due_ns;
    std::string bytes;
  };
  std::deque<Chunk> chunks_;
  size_t sent_ = 0;  // of the first
  size_t queued_ = 0;
  bool blocked_ = false;
};

enum Side : size_t { kClient, kServer };

struct Connection {
  struct End {
    Connection* connection;
    Side side;
  };
  std::array<UniqueFd, 2> fds;
  std::array<Pipe, 2> to;  // by the side it leads to
  std::array<End, 2> ends{End{this, kClient}, End{this, kServer}};
  std::array<uint32_t, 2> watched{0, 0};
  std::array<bool, 2> hung_up{false, false};  // it sends no more
  bool connecting = false;
  bool dead = false;
};

}  // namespace

class FaultProxy::Loop {
 public:
  explicit Loop(const Address& server);
  ~Loop();

  const Address& address() const { return address_; }

  struct Mode {
    int stalls = 0;  // under way; so of the next three
    int refusals = 0;
    int resettings = 0;
    int64_t latency_ns = 0;
    uint64_t resets = 0;  // that were asked for so far
    bool stopping = false;

    bool stalled() const { return stalls > 0; }
    bool refusing() const { return refusals > 0; }
    bool resetting() const { return resettings > 0; }
  };
  // Returns when it has taken effect: what begins after that finds it.
  template <class Change>
  void change(Change change) {
    std::unique_lock lock(mutex_);
    change(wanted_);
    const uint64_t own = ++asked_;
    const uint64_t one = 1;
    if (write(wake_fd_.get(), &one, sizeof(one)) < 0) return;  // it is awake already
    took_.wait(lock, [this, own] { return taken_ >= own; });
  }

 private:
  void listen_again();
  void run();
  void take_mode();
  void accept_all();
  void serve(Connection& connection, Side side, uint32_t events);
  void read_from(Connection& connection, Side side);
  void send_due(int64_t now_ns);
  void watch(Connection& connection);
  void end(Connection& connection, bool reset);
  int timeout_ms() const;

  const Address server_;
  SocketAddress server_address_;
  std::optional<PrivateFolder> folder_;  // of a unix socket
  Address address_;
  UniqueFd epoll_fd_, wake_fd_, listen_fd_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Mode mode_;
  std::mutex mutex_;  // of what follows, but for the thread
  std::condition_variable took_;
  Mode wanted_;
  uint64_t asked_ = 0, taken_ = 0;  // changes
  std::thread thread_;
};

FaultProxy::Loop::Loop(const Address& server) : server_(server) {
  constexpr int64_t kTimeoutNs = 5'000'000'000;
  connect_to(server_, kTimeoutNs, server_address_);  // is it there, and under which address?
  if (server_.is_unix()) {
    folder_.emplace();
    const std::string name = server_.socket_path.substr(server_.socket_path.rfind('/') + 1);
    address_ = {.socket_path = folder_->path() + "/" + name, .host = {}, .port = 0};
  } else {
    address_ = {.socket_path = {}, .host = "127.0.0.1", .port = 0};
  }
  epoll_fd_ = UniqueFd(epoll_create1(EPOLL_CLOEXEC));
  wake_fd_ = UniqueFd(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_fd_ || !wake_fd_) fail("epoll");
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &wake_fd_}};
  epoll_ctl(epoll_fd_.get(), EPOLL_CTL_ADD, wake_fd_.get(), &event);
  listen_again();
  thread_ = std::thread([this] { run(); });
}

FaultProxy::Loop::~Loop() {
  change([](Mode& mode) { mode.stopping = true; });
  thread_.join();
}

void FaultProxy::Loop::listen_again() {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_in);
  if (address_.is_unix()) {
    unlink(address_.socket_path.c_str());
    sockaddr_un local{};
    if (address_.socket_path.size() >= sizeof(local.sun_path)) {
      throw Error::failed(
          fmt::format("the proxy for --fault: {} is too long a name for a socket: "
                      "set TMPDIR to a folder with a shorter one",
                      address_.socket_path));
    }
    local.sun_family = AF_UNIX;
    std::memcpy(local.sun_path, address_.socket_path.data(), address_.socket_path.size());
    std::memcpy(&storage, &local, sizeof(local));
    length = sizeof(local);
  } else {
    sockaddr_in local{};
    local.sin_family = AF_INET;
    local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    local.sin_port = htons(address_.port);
    std::memcpy(&storage, &local, sizeof(local));
  }
  listen_fd_ = UniqueFd(socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int on = 1;
  setsockopt(listen_fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  auto* const address = reinterpret_cast<sockaddr*>(&storage);
  if (bind(listen_fd_.get(), address, length) != 0 || listen(listen_fd_.get(), SOMAXCONN) != 0) {
    fail("listen");
  }
  if (!address_.is_unix()) {
    sockaddr_in bound{};
    length = sizeof(bound);
    getsockname(listen_fd_.get(), reinterpret_cast<sockaddr*>(&bound), &length);
    address_.port = ntohs(bound.sin_port);
  }
  epoll_event event{.events = EPOLLIN, .data = {.ptr = &listen_fd_}};
  epoll_ctl(epoll_fd_.get(), EPOLL_CTL_ADD, listen_fd_.get(), &event);
}

void FaultProxy::Loop::run() {
  std::array<epoll_event, 64> events;
  while (!mode_.stopping) {
    const int count = epoll_wait(epoll_fd_.get(), events.data(), events.size(), timeout_ms());
    for (int i = 0; i < count; ++i) {
      void* const who = events[i].data.ptr;
      if (who == &wake_fd_) {
        take_mode();
      } else if (who == &listen_fd_) {
        accept_all();
      } else {
        const auto& end = *static_cast<Connection::End*>(who);
        if (!end.connection->dead) serve(*end.connection, end.side, events[i].events);
      }
    }
    send_due(monotonic_ns());
    std::erase_if(connections_, [](const auto& connection) { return connection->dead; });
  }
}

void FaultProxy::Loop::take_mode() {
  uint64_t count = 0;
  if (read(wake_fd_.get(), &count, sizeof(count)) < 0) return;
  const Mode before = mode_;
  uint64_t taken = 0;
  {
    const std::lock_guard lock(mutex_);
    mode_ = wanted_;
    taken = asked_;
  }
  if (mode_.refusing() && !before.refusing()) listen_fd_.reset();
  if (mode_.refusing() || mode_.resets != before.resets) {
    for (const auto& connection : connections_) end(*connection, !mode_.refusing());
  }
  if (!mode_.refusing() && before.refusing()) {
    try {
      listen_again();
    } catch (const Error&) {  // someone took the port: connections stay refused, and say so
      listen_fd_.reset();
    }
  }
  const std::lock_guard lock(mutex_);
  taken_ = taken;
  took_.notify_all();
}

void FaultProxy::Loop::accept_all() {
  while (listen_fd_) {
    UniqueFd client(accept4(listen_fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!client) return;
    Connecting server = start_connecting(server_address_);
    if (server.state == ConnectState::kFailed) continue;
    auto connection = std::make_unique<Connection>();
    connection->fds[kClient] = std::move(client);
    connection->fds[kServer] = std::move(server.fd);
    connection->connecting = server.state == ConnectState::kInProgress;
    connections_.push_back(std::move(connection));
  }
}

void FaultProxy::Loop::serve(Connection& connection, Side side, uint32_t events) {
  if (mode_.stalled()) return;
  if (connection.connecting && side == kServer) {
    if (connect_error(connection.fds[kServer].get()) != 0) return end(connection, false);
    connection.connecting = false;
  }
  if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(connection, side);
}

void FaultProxy::Loop::read_from(Connection& connection, Side side) {
  char bytes[64 * 1024];
  const ssize_t size = recv(connection.fds[side].get(), bytes, sizeof(bytes), 0);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size < 0) return end(connection, false);
  if (size == 0) {
    connection.hung_up[side] = true;
    return;
  }
  if (side == kClient && mode_.resetting()) return end(connection, true);
  const int64_t due_ns = side == kServer ? monotonic_ns() + mode_.latency_ns : 0;
  connection.to[side == kServer ? kClient : kServer].push({bytes, static_cast<size_t>(size)},
                                                          due_ns);
}

void FaultProxy::Loop::send_due(int64_t now_ns) {
  for (const auto& connection : connections_) {
    if (connection->dead) continue;
    for (const Side side : {kClient, kServer}) {
      if (mode_.stalled() || (side == kServer && connection->connecting)) continue;
      if (!connection->to[side].send_to(connection->fds[side].get(), now_ns)) {
        end(*connection, false);
        break;
      }
    }
    // What a side had sent before it hung up still comes through.
    if (connection->hung_up[kServer] && connection->to[kClient].empty()) end(*connection, false);
    if (connection->hung_up[kClient] && connection->to[kServer].empty()) end(*connection, false);
    if (!connection->dead) watch(*connection);
  }
}

// While it is stalled a connection is not watched at all: a side that hangs up would be told of
// again and again.
void FaultProxy::Loop::watch(Connection& connection) {
  for (const Side side : {kClient, kServer}) {
    const Side other = side == kClient ? kServer : kClient;
    uint32_t events = 0;
    if (!mode_.stalled()) {
      if (connection.to[other].has_room() && !connection.hung_up[side]) events |= EPOLLIN;
      if (connection.to[side].blocked()) events |= EPOLLOUT;
      if (side == kServer && connection.connecting) events = EPOLLOUT;
    }
    uint32_t& watched = connection.watched[side];
    if (events == watched) continue;
    const int operation = watched == 0  ? EPOLL_CTL_ADD
                          : events == 0 ? EPOLL_CTL_DEL
                                        : EPOLL_CTL_MOD;
    epoll_event event{.events = events, .data = {.ptr = &connection.ends[side]}};
    epoll_ctl(epoll_fd_.get(), operation, connection.fds[side].get(), &event);
    watched = events;
  }
}

void FaultProxy::Loop::end(Connection& connection, bool reset) {
  if (std::exchange(connection.dead, true)) return;
  if (reset) {  // of TCP, what is sent then is a reset
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection.fds[kClient].get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
  }
  for (UniqueFd& fd : connection.fds) fd.reset();
}

int FaultProxy::Loop::timeout_ms() const {
  if (mode_.stalled()) return -1;
  int64_t next_ns = INT64_MAX;
  for (const auto& connection : connections_) {
    for (const Pipe& pipe : connection->to) {
      if (!pipe.blocked()) next_ns = std::min(next_ns, pipe.next_due_ns());
    }
  }
  if (next_ns == INT64_MAX) return -1;
  const int64_t left_ns = std::max<int64_t>(0, next_ns - monotonic_ns());
  return static_cast<int>((left_ns + 999'999) / 1'000'000);
}

FaultProxy::FaultProxy(const Address& server) : loop_(std::make_unique<Loop>(server)) {}

FaultProxy::~FaultProxy() = default;

const Address& FaultProxy::address() const { return loop_->address(); }

void FaultProxy::stall(bool on) {
  loop_->change([on](Loop::Mode& mode) { mode.stalls += on ? 1 : -1; });
}

void FaultProxy::refuse(bool on) {
  loop_->change([on](Loop::Mode& mode) { mode.refusals += on ? 1 : -1; });
}

void FaultProxy::slow(int64_t latency_ns, bool on) {
  loop_->change([=](Loop::Mode& mode) { mode.latency_ns += on ? latency_ns : -latency_ns; });
}

void FaultProxy::reset(bool on) {
  loop_->change([on](Loop::Mode& mode) {
    mode.resettings += on ? 1 : -1;
    if (on) ++mode.resets;
  });
}

}  // namespace cachegauge
