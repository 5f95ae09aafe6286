#include "adapters/memcached/memcached_control.h"

#include <fmt/format.h>
#include <libmemcached/memcached.h>
#include <poll.h>

#include <algorithm>
#include <cstring>

#include "adapters/memcached/libmemcached_handle.h"
#include "harness/core/error.h"

namespace cachegauge {
namespace {

memcached_return_t add_figure(const memcached_instance_st*, const char* key, size_t key_size,
                              const char* value, size_t value_size, void* figures) {
  static_cast<Figures*>(figures)->insert_or_assign(std::string(key, key_size),
                                                   std::string(value, value_size));
  return MEMCACHED_SUCCESS;
}

// What it answers to one line.
std::string ask_in_text(const Address& address, std::string_view line, int64_t timeout_ns) {
  SocketAddress chosen;
  const UniqueFd socket = connect_to(address, timeout_ns, chosen);
  char answer[64];
  ssize_t size = send(socket.get(), line.data(), line.size(), MSG_NOSIGNAL);
  pollfd entry{.fd = socket.get(), .events = POLLIN, .revents = 0};
  if (size < 0 || poll(&entry, 1, static_cast<int>(timeout_ns / 1'000'000)) <= 0) {
    throw Error::failed(fmt::format("the memcached at {} does not answer", address.text()));
  }
  size = recv(socket.get(), answer, sizeof(answer), 0);
  return {answer, static_cast<size_t>(std::max<ssize_t>(0, size))};
}

void require_ok(const Address& address, const std::string& line, int64_t timeout_ns) {
  const std::string answer = ask_in_text(address, line, timeout_ns);
  if (answer == "OK\r\n") return;
  throw Error::failed(fmt::format("the memcached at {} refuses {}: {}", address.text(),
                                  line.substr(0, line.find('\r')),
                                  answer.substr(0, answer.find('\r'))));
}

}  // namespace

MemcachedControl::MemcachedControl(const Address& address, int64_t timeout_ns)
    : address_(address), handle_(make_memcached_handle({&address, 1}, timeout_ns)) {}

Figures MemcachedControl::stats(const std::string& group) {
  Figures figures;
  const memcached_return_t code = memcached_stat_execute(
      handle_.get(), group.empty() ? nullptr : group.c_str(), add_figure, &figures);
  if (code != MEMCACHED_SUCCESS || figures.empty()) {
    throw Error::failed(fmt::format("no stats from the memcached at {}: {}", address_.text(),
                                    memcached_strerror(handle_.get(), code)));
  }
  return figures;
}

Figures read_memcached_stats(const Address& address, const std::string& group, int64_t timeout_ns) {
  SocketAddress chosen;
  connect_to(address, timeout_ns, chosen);  // for its message: the library's says less
  return MemcachedControl(address, timeout_ns).stats(group);
}

void flush_memcached(const Address& address, int64_t timeout_ns) {
  require_ok(address, "flush_all\r\n", timeout_ns);
}

void set_memcached_limit(const Address& address, uint64_t mib, int64_t timeout_ns) {
  require_ok(address, fmt::format("cache_memlimit {}\r\n", mib), timeout_ns);
}

void require_meta_protocol(const Address& address, int64_t timeout_ns) {
  if (ask_in_text(address, "mn\r\n", timeout_ns) == "MN\r\n") return;
  throw Error::failed(
      fmt::format("the memcached at {} does not speak the meta protocol (it came "
                  "with 1.6): use client=libmemcached",
                  address.text()));
}

}  // namespace cachegauge
