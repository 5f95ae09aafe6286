// What a proxy does to connections, seen from both of its sides.
#include "adapters/server/fault_proxy.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cerrno>
#include <filesystem>
#include <string>

#include "harness/core/clock.h"
#include "harness/core/error.h"
#include "tests/network/support.h"
#include "tests/support/time_units.h"

namespace cachegauge {
namespace {

// Answers whatever comes first, and hangs up. Its connection 0 is the proxy's own, to see whether
// anyone is there.
class AnswersOnce {
 public:
  explicit AnswersOnce(const std::string& path)
      : server_(path, [](int fd, int number) {
          if (number > 0 && !read_bytes(fd, 3).empty()) write_bytes(fd, "answer");
        }) {}

 private:
  ScriptedServer server_;
};

Address unix_socket(const std::string& path) {
  return {.socket_path = path, .host = {}, .port = 0};
}

UniqueFd connected(const FaultProxy& proxy) {
  SocketAddress chosen;
  return connect_to(proxy.address(), 5000 * kMs, chosen);
}

bool refuses(const FaultProxy& proxy) {
  try {
    connected(proxy);
    return false;
  } catch (const Error&) {
    return true;
  }
}

// What comes until the connection ends; it may not last for ever.
std::string ask(const FaultProxy& proxy) {
  const UniqueFd fd = connected(proxy);
  write_bytes(fd.get(), "ask");
  std::string got;
  return eventually([&] {
    char bytes[64];
    const ssize_t size = recv(fd.get(), bytes, sizeof(bytes), MSG_DONTWAIT);
    if (size > 0) got.append(bytes, static_cast<size_t>(size));
    return size == 0 || (size < 0 && errno != EAGAIN);
  })
             ? got
             : got + ", and no end";
}

TEST(FaultProxy, WhatWasSentBeforeAHangUpComesThroughHoweverSlowly) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("a.sock");
  const AnswersOnce server(path);
  FaultProxy proxy(unix_socket(path));
  EXPECT_EQ(std::filesystem::path(proxy.address().socket_path).filename(), "a.sock");
  EXPECT_EQ(ask(proxy), "answer");

  proxy.slow(20 * kMs, true);
  proxy.slow(30 * kMs, true);
  const int64_t before_ns = monotonic_ns();
  EXPECT_EQ(ask(proxy), "answer");
  EXPECT_GE(monotonic_ns() - before_ns, 50 * kMs);
}

TEST(FaultProxy, WhatBeganTwiceIsOverWhenItHasEndedTwice) {
  const TemporaryDirectory directory;
  const std::string path = directory.path("a.sock");
  const AnswersOnce server(path);
  FaultProxy proxy(unix_socket(path));
  proxy.refuse(true);
  proxy.refuse(true);
  proxy.refuse(false);
  EXPECT_TRUE(refuses(proxy));
  proxy.refuse(false);
  EXPECT_EQ(ask(proxy), "answer");

  proxy.reset(true);
  EXPECT_EQ(ask(proxy), "");
  proxy.reset(false);
  EXPECT_EQ(ask(proxy), "answer");
}

}  // namespace
}  // namespace cachegauge
